/** The words of the command line, without node and script. */
export const words: readonly string[] = process.argv.slice(2);
