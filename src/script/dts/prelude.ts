/** The hand-written part of the 'ndis' module: what ndis.h does not have, and the kinds of types everything else is made of. */

/** Types that the prelude declares and scripts may import. */
export const DECLARED_TYPES = [
  'Pointer',
  'Out',
  'ByteView',
  'StructType',
  'ScalarType',
  'DriverFunction',
  'Literal',
] as const

/** Declares every name of HELPER_NAMES (src/script/interface.ts). */
export const PRELUDE = `
/** What a pointer points at, for the type checker only. A pointer to \`unknown\` is C's void *: it converts both ways. */
const target: unique symbol
interface Target<T> { [target](of: T): void }

/** An address in the emulated memory: a number that knows what it points at. 0 is NULL. */
export type Pointer<T = unknown> = (number & Target<T>) | 0

/** A cell for an out parameter: \`const Status = out<NDIS_STATUS>()\`, then \`Status.value\`. */
export interface Out<T> { value: T }

/** Bytes of kernel memory. A touch outside of a live block is a reported violation and reads as 0. */
export interface ByteView extends Iterable<number> {
  [index: number]: number
  readonly address: number
  readonly length: number
  set(source: ArrayLike<number>, offset?: number): void
  fill(value: number, start?: number, end?: number): ByteView
  slice(start?: number, end?: number): number[]
  subarray(start?: number, end?: number): ByteView
}

/** A struct of ndis.h: \`NET_BUFFER.at(p).DataLength\` reads and writes the member in kernel memory. */
export interface StructType<View, Name = unknown> {
  readonly name: string
  /** Bytes, as sizeof in C. */
  readonly size: number
  /** A live view of the struct at an address. */
  at(address: number): View
  /** For the type checker only. */
  readonly [target]?: Name
}

/** A scalar type of ndis.h: \`UINT.at(address).value\`. */
export interface ScalarType<T, Name = unknown> {
  readonly name: string
  /** Bytes, as sizeof in C. */
  readonly size: number
  /** A cell that is live on kernel memory. */
  at(address: number): Out<T>
  /** For the type checker only. */
  readonly [target]?: Name
}

/** A function of the driver whose signature the interface does not describe. */
export type DriverFunction = (...args: never[]) => unknown

/** A cell for an out parameter, where C takes the address of a local variable. */
export function out<T>(initial?: T): Out<T>
/** Zeroed nonpaged memory of the driver image, where C has a static variable. Gives its address. */
export function storage<Name>(type: StructType<unknown, Name> | ScalarType<unknown, Name>, count?: number): Pointer<Name>
/** Bytes that a value of the type takes in C. */
export function sizeof(type: { readonly name: string; readonly size: number }): number
/** A checked view of bytes of kernel memory. */
export function bytes(address: number, length: number): ByteView
/** Offset of a member, given by its path: \`FIELD_OFFSET(NDIS_OID_REQUEST, 'DATA.SET_INFORMATION.Oid')\`. */
export function FIELD_OFFSET(type: { readonly name: string; readonly size: number }, member: string): number
/** Bytes of a member. */
export function RTL_FIELD_SIZE(type: { readonly name: string; readonly size: number }, member: string): number
/** Bytes of a struct up to the end of a member. */
export function RTL_SIZEOF_THROUGH_FIELD(type: { readonly name: string; readonly size: number }, member: string): number
/** The struct that contains a member at an address. */
export function CONTAINING_RECORD<Name>(address: number, type: StructType<unknown, Name>, member: string): Pointer<Name>
/** A counted Unicode string in the driver image. Gives its address. */
export function NDIS_STRING_CONST(text: string): PNDIS_STRING
/** A counted Unicode string in the driver image. Gives its address. */
export function RTL_CONSTANT_STRING(text: string): PUNICODE_STRING
/** A counted ANSI string in the driver image. Gives its address. */
export function ANSI_STRING_CONST(text: string): PANSI_STRING
/** Says that a parameter is not used on purpose. */
export function UNREFERENCED_PARAMETER(parameter: unknown): void
/** Stops the load of the driver when the condition is false. */
export function C_ASSERT(condition: boolean): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_MINIPORT_DRIVER_CONTEXT<Context = unknown>(type?: Context): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_MINIPORT_ADAPTER_CONTEXT<Context = unknown>(type?: Context): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_MINIPORT_INTERRUPT_CONTEXT<Context = unknown>(type?: Context): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_PROTOCOL_DRIVER_CONTEXT<Context = unknown>(type?: Context): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_PROTOCOL_OPEN_CONTEXT<Context = unknown>(type?: Context): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_FILTER_DRIVER_CONTEXT<Context = unknown>(type?: Context): void
/** Names the type of a context in C; a script's pointers know theirs. Does nothing. */
export function NDIS_DECLARE_FILTER_MODULE_CONTEXT<Context = unknown>(type?: Context): void
/** In C the function goes away after DriverEntry. Does nothing. */
export function NDIS_INIT_FUNCTION(routine: unknown): void
/** In C the function may be paged out. Does nothing. */
export function NDIS_PAGEABLE_FUNCTION(routine: unknown): void
/** In C the function may be paged out. Does nothing. */
export function NDIS_PAGABLE_FUNCTION(routine: unknown): void
`
