/** What the process was started with; the agent's supervisor sets both. */
export const env = {
  /** The deployment folder. */
  dataDir: process.env['UNDERSTUDY_DATA'],
  /** The name of this server in the topology. */
  server: process.env['UNDERSTUDY_SERVER'],
  logLevel: process.env['UNDERSTUDY_LOG'],
} as const;
