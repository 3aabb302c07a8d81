import { getTranslations } from "next-intl/server";
import { ChangeFilters } from "@/app/_components/changes/change-filters";
import { ChangeTable } from "@/app/_components/changes/change-table";
import classes from "@/app/_components/changes/changes.module.css";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { addressOf } from "@/app/_components/navigation/address-of";
import { Link } from "@/app/_components/navigation/link";
import { Pagination } from "@/app/_components/navigation/pagination";
import { Card } from "@/app/_components/page/card";
import type { Actor } from "@/lib/auth/actor";
import { CHANGED_OBJECTS } from "@/lib/directory/changes/change-kinds";
import { type ChangePage, listChanges } from "@/lib/directory/changes/list-changes";
import { type ChangesQuery } from "@/lib/directory/changes/schema";
import type { Run } from "@/lib/directory/runs/run";
import { countsOf } from "@/lib/directory/runs/run-counts";
import { encodeCursor } from "@/lib/pagination/cursor";

type Props = {
  readonly actor: Actor<"directory.read">;
  readonly run: Run;
  /** Address of the run's page. */
  readonly href: string;
  readonly query: ChangesQuery;
};

/** Query parameters besides the cursor. */
type Choice = Readonly<Record<string, string | undefined>>;

const plannedOf = (run: Run, of: "departments" | "members"): number => {
  const { added, changed, moved, removed } = countsOf(run, of);
  return added + changed + moved + removed;
};

type PagesProps = {
  readonly href: string;
  readonly choice: Choice;
  readonly page: Pick<ChangePage, "next" | "previous">;
};

/** Links to the previous and next page. */
export function Pages({ href, choice, page: { next, previous } }: PagesProps) {
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

type TabsProps = {
  readonly href: string;
  readonly choice: Choice;
  readonly counts: Readonly<Record<(typeof CHANGED_OBJECTS)[number], number>>;
};

/** Switches between changes of departments and of members. */
export async function ObjectTabs({ href, choice, counts }: TabsProps) {
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

/** A run's applied or planned changes, filtered and paged by the address. */
export async function ChangesSection({ actor, run, href, query }: Props) {
  const t = await getTranslations("changes");
  const { before, after, q, kind } = query;
  const counts = { department: plannedOf(run, "departments"), member: plannedOf(run, "members") };
  const isOfMembers = counts.department === 0 && counts.member > 0;
  const object = query.object ?? (isOfMembers ? "member" : "department");
  const choice = { object, kind, q };
  const listed = await listChanges(actor, { appId: run.appId, runId: run.id }, { ...choice, before, after });
  const page = listed.ok ? listed.value : null;
  const n = page?.changes.length ?? 0;
  const sentence = n > 0 ? t("listed", { n }) : t("none");
  const directory = `${href.slice(0, href.lastIndexOf("/syncs/"))}/directory`;
  const isNarrowed = kind !== undefined || q !== undefined;
  // The outcome card already says that nothing changed.
  if (page && n + counts.department + counts.member === 0 && !isNarrowed) return null;
  return (
    <Card id="changes" title={t("title")}>
      <AnnounceNewItems items={[{ key: JSON.stringify([choice, before, after]), sentence }]} />
      <ObjectTabs href={href} choice={choice} counts={counts} />
      <ChangeFilters object={object} kind={kind} q={q} />
      {page === null && <p role="alert">{t("tooSlow")}</p>}
      {page && n === 0 && (
        <p className={classes.none}>
          {t("none")}
          {isNarrowed && (
            <>
              {" · "}
              <Link href={addressOf(href, { object })} scroll={false}>
                {t("clear")}
              </Link>
            </>
          )}
        </p>
      )}
      {page && n > 0 && <ChangeTable changes={page.changes} directory={directory} />}
      {n > 0 && (
        <p className={classes.none}>
          {/* oxlint-disable-next-line next/no-html-link-for-pages -- a file, not a page */}
          <a href={addressOf(`${href}/changes.csv`, choice)} download>
            {t("csv")}
          </a>
        </p>
      )}
      {page && <Pages href={href} choice={choice} page={page} />}
    </Card>
  );
}
