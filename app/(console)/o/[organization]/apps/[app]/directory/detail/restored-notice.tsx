"use client";

import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import { releaseKeptAction } from "../actions";
import type { RestoreContext } from "./panel-props";
import { RestoreForm } from "./restore-form";

type Props = {
  readonly object: "department" | "member";
  readonly id: string;
  readonly keptAt: string;
  /** Set if departments or members below it can be released as well. */
  readonly hasBelow: boolean;
  readonly restore: RestoreContext | null;
  readonly onReleased: () => void;
};

/** Says that an entry was restored by hand and that syncs keep it, and lets the user end that. */
export default function RestoredNotice({ object, id, keptAt, hasBelow, restore, onReleased }: Props) {
  const t = useTranslations("removed");
  const since = <ClientDateTime at={keptAt} />;
  const onDone = () => {
    onReleased();
    restore?.onRestored([]);
  };
  return (
    <Notice tone="active" title={t("kept")}>
      {t.rich("keptSince", { at: () => since })}
      {restore && (
        <RestoreForm
          action={releaseKeptAction}
          restore={restore}
          object={object}
          id={id}
          withBelow={hasBelow ? t("releaseBelow") : null}
          help={t("releaseHelp")}
          label={t("release")}
          pendingLabel={t("releasing")}
          doneText={() => t("released")}
          onDone={onDone}
          isQuiet
        />
      )}
    </Notice>
  );
}
