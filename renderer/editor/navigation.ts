/** Going to a line: whoever has a place in the source shows it through here. */
import { documentOf, pathIn } from '../debug/sources'
import { useSession } from '../debug/session'
import { useDock } from '../dock/dock'
import { useDocuments } from '../stores/documents'
import { openPath } from '../stores/opening'
import { visit, type Spot } from './editors'

export interface Place extends Spot {
  /** Document URI, absolute path, or path relative to the driver's folder. */
  readonly file: string
  /** The driver that it is a file of; that of the session when left out. */
  readonly program?: string
}

/**
 * Opens the document when it is not open yet. `focus: false` leaves the keyboard where it is (stops while stepping).
 *
 * @throws RpcError when there is no such file.
 */
export async function goTo(place: Place, focus = true): Promise<void> {
  const documents = useDocuments()
  const program = place.program ?? useSession().program
  const uri =
    documentOf(place.file, documents.open.keys(), program) ?? (await openPath(pathIn(program, place.file), { focus }))
  useDock().openDocument(uri, documents.open.get(uri)?.name ?? uri)
  visit(uri, place, focus)
}
