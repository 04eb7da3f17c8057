import { INTERFACE_URI } from '../stores/documents'
import { INTERFACE_FILE, monaco } from './monaco'

/** Documents without a file live in folders of their own, so that their names never meet those of files. */
export function modelUri(uri: string): monaco.Uri {
  if (uri === INTERFACE_URI) return monaco.Uri.parse(INTERFACE_FILE)
  const own = /^(example|untitled):(.*)$/.exec(uri)
  if (!own) return monaco.Uri.file(uri)
  const [, scheme, name = ''] = own
  return monaco.Uri.file(`/@${scheme}/${/\.(?:[cm]?[jt]s|json)$/.test(name) ? name : `${name}.ts`}`)
}
