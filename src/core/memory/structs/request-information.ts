import { group, ptr, u32 } from './field'

/** Members of DATA that NDIS_REQUEST and NDIS_OID_REQUEST have in common; they lie at its start and overlap. */
export const REQUEST_INFORMATION = (
  [
    ['QUERY_INFORMATION', 'BytesWritten'],
    ['SET_INFORMATION', 'BytesRead'],
  ] as const
).map(([name, count]) =>
  group(
    0,
    name,
    20,
    [
      u32(0, 'Oid', 'NDIS_OID'),
      ptr(4, 'InformationBuffer'),
      u32(8, 'InformationBufferLength', 'UINT'),
      u32(12, count, 'UINT'),
      u32(16, 'BytesNeeded', 'UINT'),
    ],
    { union: 1 },
  ),
)
