import classes from "./table.module.css";

type Props<Column extends string> = {
  readonly columns: readonly Column[];
  /** Columns of numbers, which are right-aligned. */
  readonly figures: ReadonlySet<string>;
  readonly titleOf: (column: Column) => string;
};

export function TableHead<Column extends string>({ columns, figures, titleOf }: Props<Column>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col" className={figures.has(column) ? classes.figure : undefined}>
            {titleOf(column)}
          </th>
        ))}
      </tr>
    </thead>
  );
}
