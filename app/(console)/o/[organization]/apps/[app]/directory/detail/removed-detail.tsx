"use client";

import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import type { RemovedDetail } from "@/lib/directory/removed/schema";
import { restoreAction } from "../actions";
import classes from "./detail.module.css";
import { Fact, Id, Path } from "./facts";
import { HistoryList } from "./history-list";
import type { PanelProps } from "./panel-props";
import { RestoreForm } from "./restore-form";

type Props = PanelProps & {
  readonly object: "department" | "member";
  readonly detail: RemovedDetail;
  readonly onRestored: () => void;
};

type Removal = RemovedDetail["removed"];

/** Says when the entry was removed, and until when it can be restored. */
function RemovalDates({ removal: { at, until, erasedAt } }: { readonly removal: Removal }) {
  const t = useTranslations("removed");
  const times = {
    at: <ClientDateTime at={at} />,
    until: until && <ClientDateTime at={until} />,
    erased: erasedAt && <ClientDateTime at={erasedAt} />,
  };
  const parts = { at: () => times.at, until: () => times.until, erased: () => times.erased };
  return <Notice tone="neutral">{t.rich(until ? "restorable" : erasedAt ? "erased" : "over", parts)}</Notice>;
}

/** The former location: a department's ancestors, or a member's departments. */
function FormerLocations({ object, detail, onStep }: Pick<Props, "object" | "detail" | "onStep">) {
  const t = useTranslations("removed");
  const directory = useTranslations("directory");
  const { paths, until } = detail.removed;
  const locations = object === "department" ? paths.map((path) => path.slice(0, -1)) : paths;
  const shown = locations.filter((path) => path.length > 0);
  const isAboveRemoved = locations.some((path) => path.some(({ isRemoved }) => isRemoved));
  if (shown.length === 0) return null;
  return (
    <section aria-label={t("stoodIn")}>
      <h3 className={classes.subheading}>{t("stoodIn")}</h3>
      <ul className={classes.seats}>
        {shown.map((steps) => (
          <li key={steps.at(-1)?.id}>
            <Path
              steps={steps}
              label={steps.at(-1)?.name || directory("nameless")}
              query=""
              onStep={onStep}
            />
          </li>
        ))}
      </ul>
      {isAboveRemoved && until !== null && (
        <p className={classes.note}>{t(object === "department" ? "aboveRemoved" : "placesRemoved")}</p>
      )}
    </section>
  );
}

/** The details of a removed department or member, with the restore form. */
export default function RemovedEntry({ object, detail, onRestored, restore, ...panel }: Props) {
  const t = useTranslations("removed");
  const directory = useTranslations("directory");
  const { until, below, paths } = detail.removed;
  const { departments, members } = below;
  const isMember = object === "member";
  const which = departments === 0 ? "members" : members === 0 ? "departments" : "both";
  const onDone = () => {
    onRestored();
    restore?.onRestored(isMember ? [] : (paths[0] ?? []).map(({ id }) => id));
  };
  return (
    <>
      <RemovalDates removal={detail.removed} />
      <dl className={classes.facts}>
        <Fact name={directory(isMember ? "person.id" : "id")}>
          <Id value={detail.id} label={directory(isMember ? "person.copyId" : "copyId")} />
        </Fact>
      </dl>
      <TimeZoneNote />
      <FormerLocations object={object} detail={detail} onStep={panel.onStep} />
      {restore && until !== null && (
        <RestoreForm
          action={restoreAction}
          restore={restore}
          object={object}
          id={detail.id}
          withBelow={departments + members > 0 ? t("with", { which, departments, members }) : null}
          help={t("willKeep")}
          label={t("restore")}
          pendingLabel={t("restoring")}
          doneText={({ restored }) => t("restored", { n: restored })}
          onDone={onDone}
        />
      )}
      <section aria-label={directory("tab.history")}>
        <h3 className={classes.subheading}>{directory("tab.history")}</h3>
        <HistoryList address={panel.address} object={object} id={detail.id} at={null} />
      </section>
    </>
  );
}
