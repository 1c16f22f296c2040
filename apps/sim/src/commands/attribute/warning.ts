/** What a reader of a map has to know: of the method and this map, and of the method on this policy as measured. */
export function joinedWarning(ofMap: string | undefined, ofPolicy: string | undefined): string | undefined {
  const parts = [ofMap, ofPolicy].filter((text) => text !== undefined);
  return parts.length > 0 ? parts.join(' ') : undefined;
}
