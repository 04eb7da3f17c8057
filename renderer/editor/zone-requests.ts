/** Lets commands and panels open the inline breakpoint editor of a document, wherever its editor is. */
const servers = new Map<string, (line: number) => void>()

export const zoneRequests = {
  serve(uri: string, open: (line: number) => void): () => void {
    servers.set(uri, open)
    return () => void servers.delete(uri)
  },
  open: (uri: string, line: number): void => servers.get(uri)?.(line),
}
