/** What an agent tells a fencing command. */
export const toldToFence = {
  site: process.env['UNDERSTUDY_FENCE_SITE'] ?? '',
  servers: (process.env['UNDERSTUDY_FENCE_SERVERS'] ?? '').split(' ').filter((name) => name !== ''),
  run: process.env['UNDERSTUDY_FENCE_RUN'] ?? '',
} as const;
