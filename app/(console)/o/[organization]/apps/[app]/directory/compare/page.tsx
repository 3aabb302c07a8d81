import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { ChangeFilters } from "@/app/_components/changes/change-filters";
import { ChangePages, ChangeTabs } from "@/app/_components/changes/change-pages";
import { ChangeTable } from "@/app/_components/changes/change-table";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { addressOf } from "@/app/_components/navigation/address-of";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { changesQuery } from "@/lib/directory/changes/schema";
import { chooseRuns, compareRuns } from "@/lib/directory/history/compare-runs";
import { listPastRuns } from "@/lib/directory/history/list-past-runs";
import type { PastRun } from "@/lib/directory/reader/readable-runs";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import classes from "./compare.module.css";
import { CompareTimes } from "./compare-times";

/** The two runs in any order. */
const pageQuery = changesQuery.extend({
  from: z.string().optional().catch(undefined),
  to: z.string().optional().catch(undefined),
});

const toShownRun = ({ id, number, finishedAt }: PastRun) => ({
  id,
  number,
  finishedAt: finishedAt.toISOString(),
});

export default async function ComparePage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/directory/compare">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "directory.read");
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const { from, to, ...asked } = pageQuery.parse(await searchParams);
  const runs = await listPastRuns(actor, app.id);
  const t = await getTranslations("directory.compare");
  const changes = await getTranslations("changes");
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const address = `/o/${organization}/apps/${app.id}/directory`;
  const pair = chooseRuns(runs.runs, { from, to });
  const query = { ...asked, object: asked.object ?? "department", ...pair };
  const hasRuns = runs.runs.length > 0;
  const found = hasRuns ? await orNotFound(compareRuns(actor, app.id, query)) : null;
  const difference = found?.ok ? found.value : null;
  const { object, kind, q } = query;
  const choice = { object, kind, q, ...pair };
  const href = `${address}/compare`;
  const n = difference?.changes.length ?? 0;
  const sentence = n > 0 ? changes("listed", { n }) : t("none");
  return (
    <ClientMessages namespaces={["changes", "directory", "sync"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      {!hasRuns && (
        <EmptyState title={t("empty")} help={t("emptyHelp")} action={{ href: address, label: t("open") }} />
      )}
      {found && !found.ok && <p role="alert">{changes("tooSlow")}</p>}
      {difference && (
        <>
          <CompareTimes
            address={address}
            page={runs}
            from={toShownRun(difference.from)}
            to={toShownRun(difference.to)}
          />
          <TimeZoneNote />
          <Card title={changes("title")}>
            <AnnounceNewItems items={[{ key: addressOf(href, choice), sentence }]} />
            <ChangeTabs href={href} choice={choice} counts={difference.counts} />
            <ChangeFilters object={object} kind={kind} q={q} keptParameters={pair} />
            {n === 0 && (
              <p className={classes.none}>
                {kind === undefined && q === undefined ? t("none") : changes("none")}
                {(kind !== undefined || q !== undefined) && (
                  <>
                    {" · "}
                    <Link href={addressOf(href, { object, ...pair })} scroll={false}>
                      {changes("clear")}
                    </Link>
                  </>
                )}
              </p>
            )}
            {n > 0 && <ChangeTable changes={difference.changes} directory={address} />}
            <ChangePages href={href} choice={choice} page={difference} />
          </Card>
        </>
      )}
    </ClientMessages>
  );
}
