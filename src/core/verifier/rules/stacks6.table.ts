/** Miniports, protocols and filters of NDIS 6. */
import type { Rule } from './types'

export const STACK6_RULES: readonly Rule[] = [
  {
    name: 'AttributesOutsideInitialize',
    meaning:
      'The attributes of an adapter (NdisMSetAttributes, NdisMSetAttributesEx, NdisMSetMiniportAttributes) were set outside of MiniportInitialize.',
    why: 'NDIS decides by them while MiniportInitialize runs how it calls the miniport; later it refuses the call or does not look at them.',
    mend: 'Set them in MiniportInitialize, the registration attributes before anything else.',
  },
  {
    name: 'AttributesNotSet',
    meaning:
      'An interrupt was registered, or MiniportInitialize succeeded, before the attributes of the adapter were set.',
    why: 'With the attributes comes the context of all other handlers: the ISR, which may be called at once, has none.',
    mend: 'Call NdisMSetMiniportAttributes (NdisMSetAttributesEx in NDIS 5) first.',
  },
  {
    name: 'BindBeforeOpenComplete',
    meaning: 'A bind succeeded while the open of the adapter is still pending.',
    why: 'NDIS takes the binding for ready and it has no handle yet.',
    mend: 'Return NDIS_STATUS_PENDING and call NdisCompleteBindAdapterEx in ProtocolOpenAdapterCompleteEx.',
  },
  {
    name: 'BindFailedWithOpenBinding',
    meaning: 'A bind failed and left its binding open.',
    why: 'Nobody closes it: the adapter cannot be removed any more.',
    mend: 'Close the binding before the bind is failed.',
  },
  {
    name: 'CloseOutsideUnbind',
    meaning: 'A binding was closed outside of bind and unbind.',
    why: 'NDIS and the protocol close it at the same time.',
    mend: 'Ask for an unbind with NdisUnbindAdapter.',
  },
  {
    name: 'CloseWithRequestsOut',
    meaning: 'A binding was closed while sends or requests of it are still out.',
    why: 'They are completed into a binding that is gone.',
    mend: 'Wait for their completions first.',
  },
  {
    name: 'OpenOutsideBind',
    meaning:
      'NdisOpenAdapterEx was called at a time when NDIS has not offered this adapter: outside of ProtocolBindAdapterEx, or after the bind was completed.',
    why: 'The bind context is not valid then: NDIS fails the call, and there is no binding.',
    mend: 'Open the adapter inside of ProtocolBindAdapterEx, or later while the bind is pending, with the BindContext of that call.',
  },
  {
    name: 'OpenParameters',
    meaning: 'The parameters of an open have a wrong header.',
    why: 'NDIS fails the open.',
    mend: 'Set type, revision and size of the header.',
  },
  {
    name: 'UnbindWithoutClose',
    meaning: 'An unbind is done and the binding was not closed.',
    why: 'The adapter cannot be removed, and the handle leaks.',
    mend: 'Call NdisCloseAdapterEx, and end the unbind when the close is complete.',
  },
  {
    name: 'NothingPending',
    meaning:
      'A bind, an unbind or an event of a protocol was completed by a call while nothing is pending that it could complete.',
    why: 'NDIS ends something else with it, or follows a context that is freed.',
    mend: 'Call it once for each operation that this driver answered with NDIS_STATUS_PENDING, and never for one that it answered with another status.',
  },
  {
    name: 'FilterAttributes',
    meaning: 'NdisFSetAttributes was called at the wrong time or with a wrong header.',
    why: 'The module has no context, and its attach fails.',
    mend: 'Call it once in FilterAttach.',
  },
  {
    name: 'FilterAttributesNotSet',
    meaning: 'FilterAttach succeeded without NdisFSetAttributes.',
    why: 'NDIS has no context to call the module with, and removes it.',
    mend: 'Call NdisFSetAttributes before returning success.',
  },
  {
    name: 'FilterCharacteristics',
    meaning: 'The characteristics of a filter are refused.',
    why: 'The filter is not registered and attached nowhere.',
    mend: 'Fill in header, names and the handlers that go together.',
  },
  {
    name: 'FilterTransition',
    meaning: 'A restart of a filter module was completed while none is pending.',
    why: 'The module counts as running although it is not, or the other way about.',
    mend: 'Complete a restart once, after FilterRestart returned NDIS_STATUS_PENDING.',
  },
  {
    name: 'NdisFilterTimedPauseComplete',
    meaning:
      'A filter module failed a pause, did not complete one in 10 seconds, or completed one that is not pending.',
    why: 'The whole stack waits for the pause, or goes on while the module still sends.',
    mend: 'Return NDIS_STATUS_SUCCESS; or NDIS_STATUS_PENDING, and complete the pause once, as soon as all lists are back.',
  },
  {
    name: 'NdisFilterTimedDataSend',
    meaning: 'A filter kept a list that is being sent for 30 seconds.',
    why: 'The sender waits for its memory, and a pause never ends.',
    mend: 'Pass every list on or complete it, also from the queues at a pause.',
  },
  {
    name: 'NdisFilterTimedDataReceive',
    meaning: 'A filter kept a received list for 30 seconds.',
    why: 'The miniport runs out of buffers, and a pause never ends.',
    mend: 'Pass every list on or return it, also from the queues at a pause.',
  },
  {
    name: 'NdisFDeregisterFilterDriver',
    meaning: 'A filter driver was unloaded and is still registered.',
    why: 'NDIS calls into memory that is gone.',
    mend: 'Call NdisFDeregisterFilterDriver in the unload routine.',
  },
  {
    name: 'OptionalHandlersOutsideOptions',
    meaning: 'A filter module changed its handlers outside of FilterSetModuleOptions.',
    why: 'NDIS does not look at the change.',
    mend: 'Call NdisSetOptionalHandlers there; restart the module to get it called.',
  },
  {
    name: 'HaltWithListsOut',
    level: 'break',
    meaning: 'An adapter was halted while lists of it are not back.',
    why: 'They are completed or returned into an adapter that is gone.',
    mend: 'Finish the pause only when all are back.',
  },
  {
    name: 'PauseWithListsOut',
    meaning: 'A pause was completed while lists are not back.',
    why: 'Traffic goes on in what counts as paused, through a stack that may be changed now.',
    mend: 'Count what is out, and complete the pause when the count is 0.',
  },
  {
    name: 'MiniportPause_Return',
    meaning: 'MiniportPause returned a status that it may not return.',
    why: 'NDIS waits for a completion that never comes, or goes on too early.',
    mend: 'Return NDIS_STATUS_SUCCESS or NDIS_STATUS_PENDING: a pause cannot fail.',
  },
  {
    name: 'ReceiveNetBuffers',
    meaning: 'A received list has not exactly one NET_BUFFER.',
    why: 'Protocols look at the first only.',
    mend: 'Indicate one list for each frame.',
  },
  {
    name: 'ReceiveOutsideRunning',
    meaning: 'A receive was indicated while adapter or module is not running.',
    why: 'The drivers above are paused and not ready for it.',
    mend: 'Drop or keep frames between pause and restart.',
  },
  {
    name: 'ReceiveResourcesFlag',
    meaning: 'A list was passed on without the flag that it came with, which says that nobody may keep it.',
    why: 'Whoever keeps it uses it after the driver below took it back.',
    mend: 'Pass NDIS_RECEIVE_FLAGS_RESOURCES on, and copy what is to be kept.',
  },
  {
    name: 'SendOutsideRunning',
    meaning: 'Something was sent while binding or module is not running.',
    why: 'NDIS fails the send; without its check it would reach a stack that is being changed.',
    mend: 'Send from the restart to the pause only.',
  },
  {
    name: 'NumberOfNetBufferLists',
    meaning: 'The number of lists in an indication is not that of the chain.',
    why: 'NDIS divides the work by the number, and loses the rest.',
    mend: 'Count the chain that is indicated.',
  },
  {
    name: 'SourceHandle',
    meaning: 'A list or a status indication does not carry the handle of the one who originated it.',
    why: 'It cannot find its way back.',
    mend: 'Set SourceHandle as the originator, and leave it alone as anybody else.',
  },
  {
    name: 'OidRequestHeader',
    meaning: 'The header of an OID request is wrong.',
    why: 'NDIS refuses the request.',
    mend: 'Set type, revision and size of the header.',
  },
  {
    name: 'OidRequestInUse',
    meaning: 'An OID request (NDIS 5: an NDIS_REQUEST) was sent again, or a clone freed, while it is pending.',
    why: 'It is changed, or its memory gone, in the middle of its work.',
    mend: 'Wait for its completion, or use another one.',
  },
  {
    name: 'DoubleComplete',
    level: 'break',
    meaning: 'An OID request was completed twice, by a call and by the status that was returned.',
    why: 'The second completion hits memory that is gone.',
    mend: 'Return NDIS_STATUS_PENDING when the completion call is used.',
  },
  {
    name: 'StatusIndicationHeader',
    meaning: 'The header of a status indication is wrong.',
    why: 'Drivers above read fields that are not there.',
    mend: 'Set type, revision and size of the header.',
  },
  {
    name: 'NdisMIndicateStatusEx',
    meaning: 'A status was indicated for an adapter that was halted.',
    why: 'NDIS goes through a stack that is gone.',
    mend: 'Stop timers and interrupts that indicate before halt ends.',
  },
  {
    name: 'NdisMNetPnPEventInOIDRequest',
    meaning: 'A network PnP event was raised while the miniport has an OID request.',
    why: 'NDIS sends requests for the event and waits behind the one that waits for it.',
    mend: 'Complete the request first, and raise the event from a work item.',
  },
  {
    name: 'NdisReEnumerateProtocolBindings',
    meaning: 'Bindings were enumerated again from within a bind, an unbind or an event of a binding.',
    why: 'NDIS waits for the very call that it is in.',
    mend: 'Leave it to a work item, or to an event of the whole protocol.',
  },
  {
    name: 'NetPnPEventFailed',
    meaning: 'A protocol failed an event that it must succeed.',
    why: 'NDIS goes on as if it had: both have different ideas of the binding.',
    mend: 'Return NDIS_STATUS_SUCCESS, and do what the event demands.',
  },
]
