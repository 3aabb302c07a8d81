import { useTranslations } from "next-intl";
import type { ShownField, ShownValue } from "@/lib/directory/changes/schema";
import { DisplayName } from "../text/display-name";
import classes from "./changes.module.css";

export const pathText = (path: readonly string[]) => path.join(" › ");

function Value({ value }: { readonly value: ShownValue }) {
  const t = useTranslations("changes");
  if (value === null || value === "") return t("nothing");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "string") return <DisplayName name={value} nameless={t("nothing")} />;
  return value.paths.map((path) => (
    <span key={pathText(path)} className={classes.one}>
      <DisplayName name={pathText(path)} nameless={t("nameless")} />
    </span>
  ));
}

/**
 * One changed field with labeled values before and after, so that color and strike-through are not the only signs.
 */
export function ChangedField({
  field: { field, department, before, after },
}: {
  readonly field: ShownField;
}) {
  const t = useTranslations("changes");
  const isKnownField = t.has(`field.${field}` as "field.name");
  const where = department !== null && <DisplayName name={department} nameless={department} />;
  const isWithoutValues = before === null && after === null;
  return (
    <div className={classes.field}>
      <dt>
        {isKnownField ? t(`field.${field}` as "field.name") : <code>{field}</code>}
        {department !== null && <> {t.rich("in", { department: () => where })}</>}
      </dt>
      {!isWithoutValues && (
        <dd>
          <del>
            <span className={classes.side}>{t("before")}</span>
            <span className={classes.value}>
              <Value value={before} />
            </span>
          </del>
          <ins>
            <span className={classes.side}>{t("after")}</span>
            <span className={classes.value}>
              <Value value={after} />
            </span>
          </ins>
        </dd>
      )}
    </div>
  );
}
