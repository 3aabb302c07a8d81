/** A page of a list, newest first. */
export type TwoWayPage<Position> = {
  /** Value of `before` for the next page; `null` on the last page. */
  readonly older: Position | null;
  /** Value of `after` for the previous page; `null` on the first page. */
  readonly newer: Position | null;
};

type PageRequest = {
  readonly size: number;
  /** True for a page that was requested by `after`; its rows are in ascending order. */
  readonly isBack: boolean;
  readonly isFirst: boolean;
};

/**
 * Returns the rows of a page, newest first, and the positions of its neighbors.
 * @param rows one more than the page's size, if there are so many
 */
export function toTwoWayPage<Row, Position>(
  rows: readonly Row[],
  positionOf: (row: Row) => Position,
  { size, isBack, isFirst }: PageRequest,
): TwoWayPage<Position> & { readonly rows: readonly Row[] } {
  const found = rows.slice(0, size);
  const shown = isBack ? found.reverse() : found;
  const hasMore = rows.length > size;
  const [first, last] = [shown.at(0), shown.at(-1)];
  const position = (row: Row | undefined) => (row === undefined ? null : positionOf(row));
  return {
    rows: shown,
    older: isBack || hasMore ? position(last) : null,
    newer: (isBack ? hasMore : !isFirst) ? position(first) : null,
  };
}
