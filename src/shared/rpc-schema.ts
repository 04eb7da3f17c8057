/** What a payload must look like before the host touches it; members that it does not know are dropped. The compile-time check at the end ties it to the one map. */
import { z } from 'zod'
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { RpcMethod, RpcRequests } from './rpc'

/** Characters. Far above any driver script; what is larger was opened by mistake or sent in bad faith. */
const MAX_TEXT = 16 * 1024 * 1024
const MAX_PATH = 4096
const MAX_NAME = 256

const nothing = z.object({})
const text = z.string().max(MAX_TEXT)
const name = z.string().min(1).max(MAX_NAME)
/** No NUL: the system would cut the path there. */
const location = z
  .string()
  .min(1)
  .max(MAX_PATH)
  .refine((value) => !value.includes('\0'), 'must not hold a NUL character')
const etag = z.string().max(MAX_NAME)
const session = z.string().min(1).max(64)

const messageShape = z.looseObject({ seq: z.number().int(), type: z.string().max(MAX_NAME) })
/** Only the frame is checked here; the debug adapter answers for the rest of its protocol. */
const protocolMessage = z.custom<DebugProtocol.ProtocolMessage>(
  (value) => messageShape.safeParse(value).success,
  'not a message of the Debug Adapter Protocol',
)

export const requestSchemas = {
  'app/info': nothing,
  'app/data': nothing,
  'examples/list': nothing,
  'examples/open': z.object({ id: name }),
  'workspace/open': z.object({ path: location }),
  'workspace/list': nothing,
  'document/open': z.object({ path: location }),
  'document/new': nothing,
  'document/save': z.object({
    uri: location,
    path: location.optional(),
    text,
    etag,
    force: z.boolean().optional(),
  }),
  'document/backup': z.object({ uri: location, text, etag, name }),
  'document/discardBackup': z.object({ uri: location }),
  'document/restore': nothing,
  'state/load': nothing,
  'state/save': z.object({ state: z.record(z.string(), z.unknown()) }),
  'dialog/open': z.object({ kind: z.enum(['file', 'folder']) }),
  'dialog/save': z.object({ name }),
  'debug/open': nothing,
  'debug/message': z.object({ session, message: protocolMessage }),
  'debug/close': z.object({ session }),
} as const satisfies Record<RpcMethod, z.ZodType>

/** A request as it comes in; anything else from a front end is refused. */
export const envelopeSchema = z.object({
  kind: z.literal('request'),
  id: z.number().int().nonnegative(),
  method: z.string().max(MAX_NAME),
  params: z.unknown(),
})

export function isRpcMethod(method: string): method is RpcMethod {
  return Object.hasOwn(requestSchemas, method)
}

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Params<M extends RpcMethod> = z.infer<(typeof requestSchemas)[M]>
/** Methods whose schema and whose entry in the map are not assignable both ways; the line below compiles for none only. */
type Disagreeing = { [M in RpcMethod]: Same<Params<M>, RpcRequests[M]['params']> extends true ? never : M }[RpcMethod]
export const SCHEMAS_AGREE_WITH_MAP: [Disagreeing] extends [never] ? true : Disagreeing = true
