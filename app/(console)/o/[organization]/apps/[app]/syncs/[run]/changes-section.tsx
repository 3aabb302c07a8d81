import { getTranslations } from "next-intl/server";
import { ChangeFilters } from "@/app/_components/changes/change-filters";
import { ChangePages, ChangeTabs } from "@/app/_components/changes/change-pages";
import { ChangeTable } from "@/app/_components/changes/change-table";
import classes from "@/app/_components/changes/changes.module.css";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { addressOf } from "@/app/_components/navigation/address-of";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import type { Actor } from "@/lib/auth/actor";
import { listChanges } from "@/lib/directory/changes/list-changes";
import { type ChangesQuery } from "@/lib/directory/changes/schema";
import type { Run } from "@/lib/directory/runs/run";
import { countsOf } from "@/lib/directory/runs/run-counts";

type Props = {
  readonly actor: Actor<"directory.read">;
  readonly run: Run;
  /** Address of the run's page. */
  readonly href: string;
  readonly query: ChangesQuery;
};

const plannedOf = (run: Run, of: "departments" | "members"): number => {
  const { added, changed, moved, removed } = countsOf(run, of);
  return added + changed + moved + removed;
};

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
      <ChangeTabs href={href} choice={choice} counts={counts} />
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
      {page && <ChangePages href={href} choice={choice} page={page} />}
    </Card>
  );
}
