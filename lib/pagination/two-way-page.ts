/** Positions of the pages beside a page of a list that is read newest first. */
export type TwoWayPage<Position> = {
  /** Value of `before` for the next page; `null` on the last page. */
  readonly older: Position | null;
  /** Value of `after` for the previous page; `null` on the first page. */
  readonly newer: Position | null;
};

type PageRequest = { readonly before?: unknown; readonly after?: unknown; readonly size: number };

/**
 * Returns the rows of a page, newest first, and the positions of the pages beside it.
 * @param rows one more than `size`, if there are so many; in ascending order for a request with `after`
 */
export function toTwoWayPage<Row, Position>(
  rows: readonly Row[],
  positionOf: (row: Row) => Position,
  { before, after, size }: PageRequest,
): TwoWayPage<Position> & { readonly rows: readonly Row[] } {
  const isBack = after !== undefined;
  const hasMore = rows.length > size;
  const found = rows.slice(0, size);
  if (isBack) found.reverse();
  const position = (row: Row | undefined) => (row === undefined ? null : positionOf(row));
  return {
    rows: found,
    older: isBack || hasMore ? position(found.at(-1)) : null,
    newer: (isBack ? hasMore : before !== undefined) ? position(found.at(0)) : null,
  };
}
