import { getTranslations } from "next-intl/server";
import type { ShownChange } from "@/lib/directory/changes/schema";
import { Link } from "../navigation/link";
import { TableHead } from "../page/table-head";
import { DisplayName } from "../text/display-name";
import { ChangedField, pathText } from "./changed-field";
import classes from "./changes.module.css";

const SIGNS = {
  added: "+",
  returned: "+",
  moved: "↷",
  renamed: "~",
  changed: "~",
  removed: "−",
  restored: "+",
  erased: "−",
} as const;

const addressOf = (directory: string, { object, id }: Pick<ShownChange, "object" | "id">) =>
  `${directory}?${object === "member" ? "member" : "node"}=${encodeURIComponent(id)}`;

type RowProps = { readonly change: ShownChange; readonly directory: string };

async function Row({ change, directory }: RowProps) {
  const t = await getTranslations("changes");
  const { kind, object, name, id, path, placeCount, fields, reason, outcome } = change;
  return (
    <tr>
      <td className={classes.kind} data-kind={kind}>
        <span aria-hidden className={classes.sign}>
          {SIGNS[kind]}
        </span>
        {t(`kindOf.${kind}`)}
      </td>
      <th scope="row" className={classes.name}>
        {kind === "removed" ? (
          <Link href={addressOf(directory, change)}>
            <DisplayName name={name} nameless={id} isClamped />
          </Link>
        ) : (
          <DisplayName name={name} nameless={id} isClamped />
        )}
        <span className={classes.path}>
          {path.length > 0 && <DisplayName name={pathText(path)} nameless="" />}
          {path.length === 0 && object === "department" && t("top")}
          {placeCount > 1 && <> {t("places", { n: placeCount - 1 })}</>}
        </span>
      </th>
      <td className={classes.what}>
        {reason !== null && <p>{t(`reason.${reason}`)}</p>}
        {outcome !== null && <p className={classes.outcome}>{t(`outcome.${outcome}`)}</p>}
        {fields.length > 0 && (
          <dl>
            {fields.map((field) => (
              <ChangedField key={`${field.field} ${field.department}`} field={field} />
            ))}
          </dl>
        )}
      </td>
    </tr>
  );
}

const COLUMNS = ["kind", "name", "what"] as const;
const NO_FIGURES: ReadonlySet<string> = new Set();

type Props = {
  readonly changes: readonly ShownChange[];
  /** Address of the directory page. */
  readonly directory: string;
};

/** Changes in plan order. On a phone each row becomes a block. */
export async function ChangeTable({ changes, directory }: Props) {
  const t = await getTranslations("changes");
  return (
    <table className={classes.table}>
      <TableHead columns={COLUMNS} figures={NO_FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {changes.map((change) => (
          <Row key={change.number} change={change} directory={directory} />
        ))}
      </tbody>
    </table>
  );
}
