/** `host:port`, with brackets where the address is IPv6 (RFC 3986, section 3.2.2). */
export function hostPort(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
