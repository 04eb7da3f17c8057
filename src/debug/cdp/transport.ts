/** Carries messages of the Chrome DevTools Protocol, as JSON texts, to one target and back. */
export interface CdpTransport {
  send(message: string): void
  onMessage(listener: (message: string) => void): void
  /** No more messages after this. */
  close(): void
}
