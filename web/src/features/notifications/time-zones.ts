/** Those that the browser knows, and the one that was chosen: another browser may call it by another name. */
export const timeZones = (chosen?: string | null): string[] => [
  ...new Set([
    ...chosen
      ? [chosen]
      : [],
    ...Intl.supportedValuesOf('timeZone'),
  ]),
].sort()
