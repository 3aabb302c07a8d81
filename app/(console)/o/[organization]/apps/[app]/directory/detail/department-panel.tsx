"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { Ref } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import type { NamedMember } from "@/lib/directory/reader/people";
import type { RemovedDetail } from "@/lib/directory/removed/schema";
import type { DepartmentDetail } from "@/lib/directory/tree/schema";
import classes from "./detail.module.css";
import { Fact, Id, InPageLink, Path } from "./facts";
import type { PanelProps } from "./panel-props";
import { type DetailState, LoadError, LoadingSkeleton } from "./panel-state";

/** Loaded with the first department that is opened. It fetches in the browser only. */
const DepartmentTabs = dynamic(() => import("./department-tabs"), {
  ssr: false,
  loading: () => <LoadingSkeleton rows={2} />,
});

const RemovedEntry = dynamic(() => import("./removed-detail"), {
  ssr: false,
  loading: () => <LoadingSkeleton />,
});
const RestoredNotice = dynamic(() => import("./restored-notice"), { ssr: false });

type Props = PanelProps & {
  readonly headingRef: Ref<HTMLHeadingElement>;
  /** Known before the details are loaded; empty for an unknown department. */
  readonly name: string;
  readonly state: DetailState<DepartmentDetail | RemovedDetail>;
  readonly onRetry: () => void;
};

type FactsProps = { readonly detail: DepartmentDetail; readonly panel: PanelProps };

function Facts({ detail, panel }: FactsProps) {
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
            <People people={managers} node={detail.id} panel={panel} />
          </Fact>
        )}
        {detail.sourceIdentifier !== null && (
          <Fact name={t("sourceIdentifier")}>
            <DisplayName name={detail.sourceIdentifier} nameless={t("nameless")} />
          </Fact>
        )}
        <Fact name={t("firstSeen")}>
          <ClientDateTime at={detail.firstSeenAt} />
        </Fact>
        {panel.at === null && (
          <>
            <Fact name={t("lastSeen")}>
              {detail.lastSeenAt === null ? t("notYet") : <ClientDateTime at={detail.lastSeenAt} />}
            </Fact>
            <Fact name={t("settings.readAt")}>
              {detail.detailsAt === null ? t("settings.unread") : <ClientDateTime at={detail.detailsAt} />}
            </Fact>
          </>
        )}
      </dl>
      <TimeZoneNote />
    </>
  );
}

/** The details of the selected department. */
export function DepartmentPanel({ headingRef, name, state, onRetry, ...panel }: Props) {
  const t = useTranslations("directory");
  const loaded = state.status === "ready" ? state.detail : null;
  const detail = loaded && !("removed" in loaded) ? loaded : null;
  const ancestors = detail?.path.slice(0, -1) ?? [];
  return (
    <div className={classes.panel} aria-busy={state.status === "loading" || undefined}>
      <h2 ref={headingRef} tabIndex={-1} className={classes.heading} data-autofocus>
        <DisplayName name={loaded?.name ?? name} nameless={loaded ? t("nameless") : t("department")} />
      </h2>
      {state.status === "loading" && <LoadingSkeleton />}
      <LoadError state={state} notFoundText={t("gone")} onRetry={onRetry} />
      {loaded && "removed" in loaded && (
        <RemovedEntry object="department" detail={loaded} onRestored={onRetry} {...panel} />
      )}
      {detail && (
        <>
          {detail.keptAt !== null && (
            <RestoredNotice
              key={detail.keptAt}
              object="department"
              id={detail.id}
              keptAt={detail.keptAt}
              hasBelow={detail.childCount + detail.directPeople > 0}
              restore={panel.restore}
              onReleased={onRetry}
            />
          )}
          {ancestors.length === 0 ? (
            <p className={classes.top}>{t("top")}</p>
          ) : (
            <Path
              steps={ancestors}
              label={t("path")}
              query={panel.at === null ? "" : `&at=${panel.at}`}
              onStep={panel.onStep}
            />
          )}
          <Facts detail={detail} panel={panel} />
          <DepartmentTabs key={detail.id} detail={detail} {...panel} />
        </>
      )}
    </div>
  );
}

type PeopleProps = {
  readonly people: readonly NamedMember[];
  /** Id of the department that stays selected when a person is opened. */
  readonly node: string;
  readonly panel: Pick<PanelProps, "at" | "onMember">;
};

/** Lists people by name, or by id when the directory has no such member. */
function People({ people, node, panel: { at, onMember } }: PeopleProps) {
  const t = useTranslations("directory");
  return (
    <ul className={classes.people}>
      {people.map(({ id, name }) => (
        <li key={id}>
          {name === null ? (
            <code title={t("notInDirectory")}>{id}</code>
          ) : (
            <InPageLink
              query={`node=${node}&member=${encodeURIComponent(id)}${at === null ? "" : `&at=${at}`}`}
              onOpen={() => onMember(id, name)}
            >
              <DisplayName name={name} nameless={t("nameless")} />
            </InPageLink>
          )}
        </li>
      ))}
    </ul>
  );
}
