"use client";

import { useTranslations } from "next-intl";
import type { DepartmentDetail } from "@/lib/directory/tree/schema";
import classes from "./detail.module.css";
import { Fact } from "./facts";

type JsonValue = DepartmentDetail["extra"][string];

/** Further department fields by DingTalk's names, in display order. */
const KNOWN_FIELDS = [
  "hide_dept",
  "dept_permits",
  "user_permits",
  "outer_dept",
  "outer_dept_only_self",
  "outer_permit_depts",
  "outer_permit_users",
  "create_dept_group",
  "auto_add_user",
  "group_contain_sub_dept",
  "auto_approve_apply",
  "dept_group_chat_id",
  "org_dept_owner",
  "telephone",
  "code",
  "brief",
] as const;
const KNOWN_FIELD_SET: ReadonlySet<string> = new Set(KNOWN_FIELDS);

function Value({ value }: { readonly value: JsonValue }) {
  const t = useTranslations("directory");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (Array.isArray(value)) return t("number", { n: value.length });
  if (typeof value === "object" && value !== null) return <code>{JSON.stringify(value)}</code>;
  return <bdi>{String(value)}</bdi>;
}

const isEmpty = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** A department's settings in DingTalk. */
export function DepartmentSettings({ detail }: { readonly detail: DepartmentDetail }) {
  const t = useTranslations("directory");
  const values: Readonly<Record<string, JsonValue>> = { ...detail.extra, ...detail.details };
  const known = KNOWN_FIELDS.flatMap((key) => {
    const value = values[key];
    return value === undefined || isEmpty(value) ? [] : [{ key, value }];
  });
  const others = Object.entries(values).filter(
    ([key, value]) => !KNOWN_FIELD_SET.has(key) && !isEmpty(value),
  );
  if (detail.details === null && known.length + others.length === 0)
    return <p className={classes.note}>{t("settings.unread")}</p>;
  return (
    <dl className={classes.facts}>
      {known.map(({ key, value }) => (
        <Fact key={key} name={t(`settings.${key}`)}>
          <Value value={value} />
        </Fact>
      ))}
      {others.map(([key, value]) => (
        <Fact key={key} name={<code>{key}</code>}>
          <code>{JSON.stringify(value)}</code>
        </Fact>
      ))}
    </dl>
  );
}
