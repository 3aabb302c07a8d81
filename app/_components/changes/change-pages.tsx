import { getTranslations } from "next-intl/server";
import { CHANGED_OBJECTS } from "@/lib/directory/changes/change-kinds";
import type { ChangePage } from "@/lib/directory/changes/list-changes";
import { encodeCursor } from "@/lib/pagination/cursor";
import { addressOf } from "../navigation/address-of";
import { Link } from "../navigation/link";
import { Pagination } from "../navigation/pagination";
import classes from "./changes.module.css";

/** Query parameters besides the cursor. */
type Choice = Readonly<Record<string, string | undefined>>;

type ChangePagesProps = {
  readonly href: string;
  readonly choice: Choice;
  readonly page: Pick<ChangePage, "next" | "previous">;
};

/** Links to the previous and next page. */
export function ChangePages({ href, choice, page: { next, previous } }: ChangePagesProps) {
  const to = (cursor: { readonly before?: string; readonly after?: string }) =>
    addressOf(href, { ...choice, ...cursor });
  return (
    <Pagination
      keepsScroll
      links={{
        first: previous !== null && to({}),
        previous: previous !== null && to({ before: encodeCursor(previous) }),
        next: next !== null && to({ after: encodeCursor(next) }),
      }}
    />
  );
}

type ChangeTabsProps = {
  readonly href: string;
  readonly choice: Choice;
  readonly counts: Readonly<Record<(typeof CHANGED_OBJECTS)[number], number>>;
};

/** Switches between changes of departments and of members. */
export async function ChangeTabs({ href, choice, counts }: ChangeTabsProps) {
  const t = await getTranslations("changes");
  return (
    <nav className={classes.tabs} aria-label={t("object")}>
      {CHANGED_OBJECTS.map((object) => (
        <Link
          key={object}
          href={addressOf(href, { ...choice, object })}
          scroll={false}
          aria-current={choice.object === object || undefined}
        >
          {t(object)} <span className={classes.count}>{t("count", { n: counts[object] })}</span>
        </Link>
      ))}
    </nav>
  );
}
