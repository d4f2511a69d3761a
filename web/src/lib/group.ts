// Sorting a list into groups (`Map.groupBy`, which not every supported engine has).

/** The entries of `list` by what `keyOf` gives for them, groups and entries in order of appearance. */
export function groupedBy<T, K>(list: Iterable<T>, keyOf: (entry: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const entry of list) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
}
