/** Doubly and singly linked lists without locking. */
import { fn, macro } from './entry'
import type { ApiEntry } from './types'

export const listTable: readonly ApiEntry[] = [
  macro('VOID NdisInitializeListHead(PLIST_ENTRY ListHead)', 'list', 'any', '3.0', 'Empties a doubly linked list.', 'DDI'),
  fn('VOID InitializeListHead(PLIST_ENTRY ListHead)', 'list', 'any', '3.0', 'Empties a doubly linked list.', 'WDM', { header: 'wdm.h' }),
  fn('BOOLEAN IsListEmpty(PLIST_ENTRY ListHead)', 'list', 'any', '3.0', 'Tells whether a doubly linked list has no entry.', 'WDM', { header: 'wdm.h' }),
  fn('VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)', 'list', 'any', '3.0', 'Puts an entry in front of a doubly linked list.', 'WDM', { header: 'wdm.h' }),
  fn('VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)', 'list', 'any', '3.0', 'Puts an entry at the end of a doubly linked list.', 'WDM', { header: 'wdm.h' }),
  fn('PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)', 'list', 'any', '3.0', 'Takes the first entry off a doubly linked list; the head itself when it is empty.', 'WDM', { header: 'wdm.h', rules: ['Init_NdisAllocateIoWorkItem'] }),
  fn('PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)', 'list', 'any', '3.0', 'Takes the last entry off a doubly linked list; the head itself when it is empty.', 'WDM', { header: 'wdm.h' }),
  fn('BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)', 'list', 'any', '3.0', 'Takes an entry out of its list; TRUE when the list is empty then.', 'WDM', { header: 'wdm.h' }),
  fn('VOID PushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY Entry)', 'list', 'any', '3.0', 'Puts an entry in front of a singly linked list.', 'WDM', { header: 'wdm.h' }),
  fn('PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead)', 'list', 'any', '3.0', 'Takes the first entry off a singly linked list; NULL when it is empty.', 'WDM', { header: 'wdm.h' }),
]
