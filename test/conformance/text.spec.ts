import { conform } from './conformance'

conform([
  {
    page: 'DDI ndisequalstring, ndisinitializestring, ndisansistringtounicodestring',
    cases: [
      {
        says: 'strings compare with and without case',
        script: `const a = NDIS_STRING_CONST('Ring'), b = NDIS_STRING_CONST('RING')
say(NdisEqualString(a, b, 0), NdisEqualString(a, b, 1), NdisEqualUnicodeString(a, a, 0))`,
        output: ['0 1 1'],
      },
      {
        says: 'NdisInitializeString copies, NdisFreeString gives the copy back',
        script: `const text = memory(5), Name = storage(UNICODE_STRING)
bytes(text, 5).set([82, 105, 110, 103, 0])
NdisInitializeString(Name, text); NdisFreeMemory(text, 5, 0)
say(UNICODE_STRING.at(Name).Length, NdisEqualString(Name, NDIS_STRING_CONST('Ring'), 0))
NdisFreeString(Name)`,
        output: ['8 1'],
      },
      {
        says: 'conversion goes as far as the destination has room',
        script: `const Name = storage(UNICODE_STRING), Back = storage(ANSI_STRING), room = memory(64)
UNICODE_STRING.at(Name).Buffer = room; UNICODE_STRING.at(Name).MaximumLength = 32
say(nameOf(NdisAnsiStringToUnicodeString(Name, ANSI_STRING_CONST('abc'))), UNICODE_STRING.at(Name).Length)
ANSI_STRING.at(Back).Buffer = room + 32; ANSI_STRING.at(Back).MaximumLength = 32
say(nameOf(NdisUnicodeStringToAnsiString(Back, Name)), ANSI_STRING.at(Back).Length, bytes(room + 32, 3).slice())
NdisFreeMemory(room, 64, 0)`,
        output: ['SUCCESS 6', 'SUCCESS 3 97,98,99'],
      },
    ],
  },
  {
    page: 'WDM DbgPrint',
    cases: [
      {
        says: 'formats as printf does',
        script: String.raw`DbgPrint('%d %u %x %08X %c %s %5d|%-5d|\n', -1, 7, 255, 0xbeef, 65, 'text', 42, 42)`,
        output: ['-1 7 ff 0000BEEF A text    42|42   |'],
      },
      {
        says: 'counted strings with %wZ and %Z',
        script: String.raw`DbgPrint('%wZ %Z\n', NDIS_STRING_CONST('wide'), ANSI_STRING_CONST('narrow'))`,
        output: ['wide narrow'],
      },
    ],
  },
])
