/** `1 copy`, `2 copies`: a number with its noun, for sentences. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
