/**
 * Milliseconds of processor time that this process has used. Bounds on it hold on a busy machine, too,
 * where a pause of a second is nobody's fault.
 */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
