import { useLocale, useTranslations } from "next-intl";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import { useTimeZone } from "@/app/_components/time/time-zone";
import type { ShownPersonal } from "@/lib/directory/members/schema";
import classes from "./detail.module.css";
import { Fact } from "./facts";

/** Display order. */
const ORDER: readonly ShownPersonal[number][0][] = [
  "mobile",
  "state_code",
  "telephone",
  "email",
  "org_email",
  "work_place",
  "hired_date",
  "remark",
  "extension",
  "avatar",
];
const TIME_OF_DAY = /,? [\d:]+$/;

type JsonValue = ShownPersonal[number][1];

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Parses an extension, which DingTalk sends as a JSON object in a string; `null` for other values. */
function entriesOf(value: JsonValue): [string, unknown][] | null {
  try {
    const read: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return typeof read === "object" && read !== null && !Array.isArray(read) ? Object.entries(read) : null;
  } catch {
    return null;
  }
}

/** Shows a date as a day and an extension key by key. Other values appear as DingTalk sends them. */
function Value({ of: [field, value] }: { readonly of: ShownPersonal[number] }) {
  const locale = useLocale();
  const { timeZone } = useTimeZone();
  if (field === "hired_date" && typeof value === "number" && !Number.isNaN(new Date(value).getTime()))
    return formatDateTime(new Date(value).toISOString(), locale, timeZone).replace(TIME_OF_DAY, "");
  const entries = field === "extension" ? entriesOf(value) : null;
  if (entries === null) return <bdi>{textOf(value)}</bdi>;
  return entries.map(([key, one]) => (
    <div key={key}>
      <bdi>{key}</bdi> · <bdi>{textOf(one)}</bdi>
    </div>
  ));
}

/** A member's personal data (S33); `null` when the organization doesn't store it. */
export function PersonalFields({ personal }: { readonly personal: ShownPersonal | null }) {
  const t = useTranslations("directory");
  const fields = personal?.toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b)) ?? [];
  return (
    <section aria-label={t("person.personal")}>
      <h3 className={classes.subheading}>{t("person.personal")}</h3>
      {personal === null && <p className={classes.note}>{t("person.notCollected")}</p>}
      {personal?.length === 0 && <p className={classes.note}>{t("person.nothingPersonal")}</p>}
      {fields.length > 0 && (
        <dl className={classes.facts}>
          {fields.map((one) => (
            <Fact key={one[0]} name={t(`person.field.${one[0]}`)}>
              <Value of={one} />
            </Fact>
          ))}
        </dl>
      )}
    </section>
  );
}
