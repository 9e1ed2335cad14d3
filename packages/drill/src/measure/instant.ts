/** Milliseconds since 1970 that never step back within a drill, with fractions. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
