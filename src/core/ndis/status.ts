/** The status codes that the implementation itself returns (ndis.h, ntstatus.h); scripts get all of them from the constants. */
export const NDIS_STATUS_SUCCESS = 0
export const NDIS_STATUS_PENDING = 0x103
export const NDIS_STATUS_FAILURE = 0xc0000001 | 0
export const NDIS_STATUS_RESOURCES = 0xc000009a | 0
export const NDIS_STATUS_INVALID_PARAMETER = 0xc000000d | 0
export const NDIS_STATUS_NOT_SUPPORTED = 0xc00000bb | 0
export const NDIS_STATUS_RESOURCE_CONFLICT = 0xc001001e | 0
export const NDIS_STATUS_BAD_VERSION = 0xc0010004 | 0
export const NDIS_STATUS_BUFFER_TOO_SHORT = 0xc0010016 | 0
export const NDIS_STATUS_BAD_CHARACTERISTICS = 0xc0010005 | 0
