"use client";

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { FormAlert } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { StateBadge } from "@/app/_components/status/state-badge";
import type { DoctorCheckName, DoctorCheckState } from "@/lib/doctor/schema";
import { checkAgainAction } from "./actions";

/** A single check or all of them. */
type CheckTarget = DoctorCheckName | "everything";

type Doctor = {
  /** The running check. */
  readonly running: CheckTarget | null;
  readonly alert: string | undefined;
  readonly run: (target: CheckTarget) => void;
};

const DoctorContext = createContext<Doctor | null>(null);

function useDoctor(): Doctor {
  const doctor = useContext(DoctorContext);
  if (!doctor) throw new Error("useDoctor requires a DoctorRun");
  return doctor;
}

type Props = { readonly organization: string; readonly app: string; readonly children: ReactNode };

/** Shares the running check between all buttons. Only one runs at a time. */
export function DoctorRun({ organization, app, children }: Props) {
  const t = useTranslations("doctor");
  const [target, setTarget] = useState<CheckTarget>("everything");
  const form = useActionForm(checkAgainAction.bind(null, organization), (counts) =>
    announce(t("summary", counts)),
  );
  const run = (next: CheckTarget) => {
    if (form.isPending) return;
    setTarget(next);
    const data = new FormData();
    data.set("app", app);
    if (next !== "everything") data.set("check", next);
    form.submit(data);
  };
  const running = form.isPending ? target : null;
  // oxlint-disable-next-line react/jsx-no-constructed-context-values -- a new state must re-render the consumers
  return <DoctorContext value={{ running, run, alert: form.alert }}>{children}</DoctorContext>;
}

export const DoctorAlert = () => <FormAlert sentence={useDoctor().alert} />;

export function CheckEverything() {
  const t = useTranslations("doctor");
  const { running, run } = useDoctor();
  return (
    <Button aria-disabled={running !== null} onClick={() => run("everything")}>
      {running === "everything" ? t("running") : t("run")}
    </Button>
  );
}

export function CheckAgain({ check }: { readonly check: DoctorCheckName }) {
  const t = useTranslations("doctor");
  const { running, run } = useDoctor();
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      aria-label={t("againOf", { name: t(`check.${check}`) })}
      aria-disabled={running !== null}
      onClick={() => run(check)}
    >
      {running === check ? t("running") : t("again")}
    </Button>
  );
}

type BadgeProps = { readonly check: DoctorCheckName; readonly state: DoctorCheckState };

/** A check's result, or `running`. */
export function CheckBadge({ check, state }: BadgeProps) {
  const { running } = useDoctor();
  const isRunning = running === "everything" || running === check;
  return <StateBadge kind="check" state={isRunning ? "running" : state} />;
}

export function CopyReport({ text }: { readonly text: string }) {
  const t = useTranslations();
  const { copy, copied, error } = useClipboard({ timeout: 2_000 });
  // Browsers give pages without TLS no clipboard.
  const message = copied ? t("common.copied") : error ? t("common.notCopied") : null;
  useEffect(() => {
    if (message !== null) announce(message);
  }, [message]);
  return (
    <Button variant="default" onClick={() => copy(text)}>
      {message ?? t("doctor.copy")}
    </Button>
  );
}
