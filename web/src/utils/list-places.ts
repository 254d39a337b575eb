export interface ListPlace {
  /** Pixels. */
  top: number
  /** Its index: where the keyboard was. */
  row?: number
}

const places = new Map<string, ListPlace>()

/** Where one was in a list, in the step of the tab's history that is in view now. */
export function listPlace(label: string) {
  const step = JSON.stringify([history.state?.position, label])
  return {
    get: (): ListPlace | undefined => places.get(step),
    keep: (place: ListPlace) => void places.set(step, {
      ...places.get(step),
      ...place,
    }),
  }
}
