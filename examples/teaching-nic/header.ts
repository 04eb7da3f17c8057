/** Every structure of NDIS 6 begins with what it is: an NDIS_OBJECT_HEADER. */
export const header = (Type: number, Revision: number, Size: number) => ({ Type, Revision, Size })
