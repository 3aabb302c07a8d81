"use client";

import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { Ref } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import type { MemberDetail, Seat } from "@/lib/directory/members/schema";
import type { RemovedDetail } from "@/lib/directory/removed/schema";
import classes from "./detail.module.css";
import { Fact, Id, Path } from "./facts";
import { HistoryList } from "./history-list";
import type { PanelProps } from "./panel-props";
import { LoadError, LoadingSkeleton, useDetail } from "./panel-state";
import { PersonalFields } from "./personal-fields";

const RemovedEntry = dynamic(() => import("./removed-detail"), {
  ssr: false,
  loading: () => <LoadingSkeleton />,
});
const RestoredNotice = dynamic(() => import("./restored-notice"), { ssr: false });

type Now = NonNullable<MemberDetail["now"]>;

const FLAGS = ["isAdmin", "isBoss", "isExclusive", "hidesMobile"] as const;

function Seats({ seats, panel }: { readonly seats: readonly Seat[]; readonly panel: PanelProps }) {
  const t = useTranslations("directory");
  const query = panel.at === null ? "" : `&at=${panel.at}`;
  return (
    <section aria-label={t("person.seats")}>
      <h3 className={classes.subheading}>{t("person.seats")}</h3>
      {seats.length === 0 && <p className={classes.note}>{t("person.noSeats")}</p>}
      <ul className={classes.seats}>
        {seats.map(({ departmentId, path, title, isLeader, order }) => (
          <li key={departmentId}>
            {path.length === 0 ? (
              <code title={t("notInDirectory")}>{departmentId}</code>
            ) : (
              <Path steps={path} label={path.at(-1)?.name ?? t("path")} query={query} onStep={panel.onStep} />
            )}
            <p className={classes.note}>
              {[isLeader ? t("leader") : null, title, order === null ? null : t("person.order", { order })]
                .filter((fact) => fact !== null)
                .join(" · ")}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Links the person's entries in the organization's other directories, matched by unionId. */
function Linked({ linked, address }: { readonly linked: Now["linked"]; readonly address: string }) {
  const t = useTranslations("directory");
  if (linked.length === 0) return null;
  const apps = address.slice(0, address.indexOf("/apps/"));
  return (
    <section aria-label={t("person.linked")}>
      <h3 className={classes.subheading}>{t("person.linked")}</h3>
      <ul className={classes.seats}>
        {linked.map(({ appId, appName, id, name }) => (
          <li key={`${appId}/${id}`}>
            <a href={`${apps}/apps/${appId}/directory?member=${encodeURIComponent(id)}`}>
              <DisplayName name={name} nameless={t("nameless")} />
            </a>
            <p className={classes.note}>
              <bdi>{appName}</bdi>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ detail }: { readonly detail: MemberDetail }) {
  const t = useTranslations("directory");
  const { id, title, jobNumber, isActive, now } = detail;
  const flags = now ? FLAGS.filter((flag) => now[flag] === true) : [];
  return (
    <dl className={classes.facts}>
      <Fact name={t("person.id")}>
        <Id value={id} label={t("person.copyId")} />
      </Fact>
      {title !== null && (
        <Fact name={t("person.title")}>
          <bdi>{title}</bdi>
        </Fact>
      )}
      {jobNumber !== null && (
        <Fact name={t("person.jobNumber")}>
          <bdi>{jobNumber}</bdi>
        </Fact>
      )}
      {isActive !== null && <Fact name={t("person.state")}>{t(isActive ? "active" : "inactive")}</Fact>}
      {flags.length > 0 && (
        <Fact name={t("person.marks")}>{flags.map((flag) => t(`person.${flag}`)).join(" · ")}</Fact>
      )}
      {now?.unionId && (
        <Fact name="unionId">
          <Id value={now.unionId} label={t("person.copyUnionId")} />
        </Fact>
      )}
      {now && (
        <>
          <Fact name={t("firstSeen")}>
            <ClientDateTime at={now.firstSeenAt} />
          </Fact>
          <Fact name={t("person.changed")}>
            <ClientDateTime at={now.changedAt} />
          </Fact>
        </>
      )}
    </dl>
  );
}

type Props = PanelProps & {
  readonly headingRef: Ref<HTMLHeadingElement>;
  readonly id: string;
  /** Known before the details are loaded; empty for an unknown member. */
  readonly name: string;
  /** Returns to the previously selected department; `null` without one. */
  readonly onBack: (() => void) | null;
};

/** The details of a member. */
export default function MemberPanel({ headingRef, id, name, onBack, ...panel }: Props) {
  const t = useTranslations("directory");
  const { address, at } = panel;
  const { state, retry } = useDetail<MemberDetail | RemovedDetail>(`${address}/detail/member`, {
    id,
    at: at ?? undefined,
  });
  const loaded = state.status === "ready" ? state.detail : null;
  const detail = loaded && !("removed" in loaded) ? loaded : null;
  return (
    <div className={classes.panel} aria-busy={state.status === "loading" || undefined}>
      {onBack && (
        <Button
          variant="subtle"
          size="xs"
          className={classes.back}
          leftSection={<IconArrowLeft size={16} aria-hidden />}
          onClick={onBack}
        >
          {t("person.back")}
        </Button>
      )}
      <h2 ref={headingRef} tabIndex={-1} className={classes.heading} data-autofocus>
        <DisplayName name={loaded?.name ?? name} nameless={detail ? t("nameless") : t("person.member")} />
      </h2>
      {state.status === "loading" && <LoadingSkeleton />}
      <LoadError state={state} notFoundText={t("person.gone")} onRetry={retry} />
      {loaded && "removed" in loaded && (
        <RemovedEntry object="member" detail={loaded} onRestored={retry} {...panel} />
      )}
      {detail && (
        <>
          {detail.now?.keptAt && (
            <RestoredNotice
              key={detail.now.keptAt}
              object="member"
              id={detail.id}
              keptAt={detail.now.keptAt}
              hasBelow={false}
              restore={panel.restore}
              onReleased={retry}
            />
          )}
          <Facts detail={detail} />
          <TimeZoneNote />
          <Seats seats={detail.seats} panel={panel} />
          {detail.now && (
            <>
              <PersonalFields personal={detail.now.personal} />
              <Linked linked={detail.now.linked} address={address} />
              {detail.now.otherFields.length > 0 && (
                <section aria-label={t("person.otherFields")}>
                  <h3 className={classes.subheading}>{t("person.otherFields")}</h3>
                  <p className={classes.note}>{t("person.otherFieldsHelp")}</p>
                  <p>
                    <code>{detail.now.otherFields.join(", ")}</code>
                  </p>
                </section>
              )}
            </>
          )}
          <section aria-label={t("tab.history")}>
            <h3 className={classes.subheading}>{t("tab.history")}</h3>
            <HistoryList address={address} object="member" id={id} at={at} />
          </section>
        </>
      )}
    </div>
  );
}
