"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { Ref } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import { MomentView } from "@/app/_components/time/date-time-view";
import { ZoneLine } from "@/app/_components/time/time-zone";
import type { DepartmentDetail, RemovedDetail } from "@/lib/directory/tree/schema";
import classes from "./detail.module.css";
import { Fact, Id, Path } from "./facts";
import type { PanelLinks } from "./panel-links";
import { Failure, Waiting } from "./panel-state";
import { People } from "./people";
import type { DetailState } from "./use-detail";

/** What stands below the facts: it comes with the first department that is opened, and reads in the browser only. */
const DepartmentMore = dynamic(() => import("./department-tabs"), {
  ssr: false,
  loading: () => <Waiting rows={2} />,
});

const RemovedView = dynamic(() => import("./removed-view"), { ssr: false, loading: () => <Waiting /> });
const KeptView = dynamic(() => import("./kept-view"), { ssr: false });

type Props = PanelLinks & {
  readonly headingRef: Ref<HTMLHeadingElement>;
  /** Known before the rest is; empty when nothing is known of the department. */
  readonly name: string;
  readonly state: DetailState<DepartmentDetail | RemovedDetail>;
  readonly onRetry: () => void;
};

type FactsProps = { readonly detail: DepartmentDetail; readonly links: PanelLinks };

function Facts({ detail, links }: FactsProps) {
  const t = useTranslations("directory");
  const { directPeople, allPeople, childCount, managers } = detail;
  return (
    <>
      <dl className={classes.facts}>
        <Fact name={t("id")}>
          <Id value={detail.id} label={t("copyId")} />
        </Fact>
        <Fact name={t("parentId")}>
          {detail.parentId === null ? (
            t("noParent")
          ) : (
            <Id value={detail.parentId} label={t("copyParentId")} />
          )}
        </Fact>
        <Fact name={t("headcount")}>
          {t("counts", { direct: directPeople, children: childCount })}
          {allPeople !== null && ` · ${t("countAll", { n: allPeople })}`}
        </Fact>
        {managers.length > 0 && (
          <Fact name={t("managers")}>
            <People people={managers} node={detail.id} links={links} />
          </Fact>
        )}
        {detail.sourceIdentifier !== null && (
          <Fact name={t("sourceIdentifier")}>
            <DisplayName name={detail.sourceIdentifier} nameless={t("nameless")} />
          </Fact>
        )}
        <Fact name={t("firstSeen")}>
          <MomentView at={detail.firstSeenAt} />
        </Fact>
        {links.at === null && (
          <>
            <Fact name={t("lastSeen")}>
              {detail.lastSeenAt === null ? t("notYet") : <MomentView at={detail.lastSeenAt} />}
            </Fact>
            <Fact name={t("settings.readAt")}>
              {detail.detailsAt === null ? t("settings.unread") : <MomentView at={detail.detailsAt} />}
            </Fact>
          </>
        )}
      </dl>
      <ZoneLine />
    </>
  );
}

/** What is known of the selected department. */
export function DetailPanel({ headingRef, name, state, onRetry, ...links }: Props) {
  const t = useTranslations("directory");
  const shown = state.is === "ready" ? state.detail : null;
  const detail = shown && !("removed" in shown) ? shown : null;
  const ancestors = detail?.path.slice(0, -1) ?? [];
  return (
    <div className={classes.panel} aria-busy={state.is === "loading" || undefined}>
      <h2 ref={headingRef} tabIndex={-1} className={classes.heading} data-autofocus>
        <DisplayName name={shown?.name ?? name} nameless={shown ? t("nameless") : t("department")} />
      </h2>
      {state.is === "loading" && <Waiting />}
      <Failure state={state} gone={t("gone")} onRetry={onRetry} />
      {shown && "removed" in shown && (
        <RemovedView object="department" detail={shown} onRestored={onRetry} {...links} />
      )}
      {detail && (
        <>
          {detail.keptAt !== null && (
            <KeptView
              key={detail.keptAt}
              object="department"
              id={detail.id}
              keptAt={detail.keptAt}
              hasBelow={detail.childCount + detail.directPeople > 0}
              decider={links.decider}
              onReleased={onRetry}
            />
          )}
          {ancestors.length === 0 ? (
            <p className={classes.top}>{t("top")}</p>
          ) : (
            <Path
              steps={ancestors}
              label={t("path")}
              query={links.at === null ? "" : `&at=${links.at}`}
              onStep={links.onStep}
            />
          )}
          <Facts detail={detail} links={links} />
          <DepartmentMore key={detail.id} detail={detail} {...links} />
        </>
      )}
    </div>
  );
}
