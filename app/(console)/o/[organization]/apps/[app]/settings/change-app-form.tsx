"use client";

import { Group, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { checkBy } from "@/lib/actions/field-errors";
import {
  type AppKind,
  CALLS_PER_MONTH,
  CALLS_PER_SECOND,
  SYNC_EVERY_HOURS,
} from "@/lib/dingtalk-apps/setting-choices";
import { changeAppAction } from "./actions";

const check = checkBy(async () => (await import("@/lib/dingtalk-apps/schema")).changeAppInput);

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly name: string;
  readonly kind: AppKind;
  readonly corpId: string;
  readonly agentId: string;
  readonly syncEveryHours: number;
  readonly callsPerSecond: number | null;
  readonly callsPerMonth: number;
  /** One origin per line. */
  readonly jsapiOrigins: string;
};

export function ChangeAppForm(props: Props) {
  const { organization, app, name, kind, corpId, agentId, syncEveryHours, callsPerSecond } = props;
  const t = useTranslations("app");
  const settings = useTranslations("appSettings");
  const connect = useTranslations("connect");
  const common = useTranslations("common");
  const form = useActionForm(changeAppAction.bind(null, organization), () => announce(common("saved")), {
    check,
  });
  const intervals = SYNC_EVERY_HOURS.map((hours) => ({
    value: String(hours),
    label: hours === 0 ? settings("scheduleOff") : settings("scheduleEvery", { hours }),
  }));
  const rates = [
    { value: "", label: settings("callsPerSecondServer") },
    ...CALLS_PER_SECOND.map((calls) => ({ value: String(calls), label: String(calls) })),
  ];
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="app" value={app} />
      <TextInput
        label={t("name")}
        description={t("nameHelp")}
        name="name"
        defaultValue={name}
        maxLength={128}
        error={form.errorOf("name")}
      />
      <TextInput
        label={kind === "internal" ? t("corpId") : "CorpId"}
        description={kind === "internal" ? undefined : connect("corpFixed")}
        readOnly={kind !== "internal"}
        name="corpId"
        defaultValue={corpId}
        spellCheck={false}
        error={form.errorOf("corpId")}
      />
      <TextInput
        label={t("agentId")}
        description={t("agentHelp")}
        name="agentId"
        defaultValue={agentId}
        inputMode="numeric"
        error={form.errorOf("agentId")}
      />
      <Textarea
        label={settings("origins")}
        description={settings("originsHelp")}
        name="jsapiOrigins"
        defaultValue={props.jsapiOrigins}
        rows={3}
        spellCheck={false}
        error={form.errorOf("jsapiOrigins")}
      />
      <NativeSelect
        label={settings("schedule")}
        description={settings("scheduleHelp")}
        name="syncEveryHours"
        defaultValue={String(syncEveryHours)}
        data={intervals}
        error={form.errorOf("syncEveryHours")}
      />
      <NativeSelect
        label={settings("callsPerSecond")}
        description={settings("callsPerSecondHelp")}
        name="callsPerSecond"
        defaultValue={String(callsPerSecond ?? "")}
        data={rates}
        error={form.errorOf("callsPerSecond")}
      />
      <CallsPerMonth value={props.callsPerMonth} error={form.errorOf("callsPerMonth")} />
      <Group>
        <SubmitButton isPending={form.isPending} label={common("save")} pendingLabel={common("saving")} />
        {form.state.status === "done" && !form.isPending && <span>{common("saved")}</span>}
      </Group>
    </form>
  );
}

type CallsProps = { readonly value: number; readonly error: string | undefined };

const OTHER = "other";

/** The monthly quota of the organization's DingTalk edition: one of the known numbers, or a typed one. */
function CallsPerMonth({ value, error }: CallsProps) {
  const t = useTranslations("appSettings");
  const format = useFormatter();
  const isKnown = CALLS_PER_MONTH.some((one) => one === value);
  const [choice, setChoice] = useState(isKnown ? String(value) : OTHER);
  const choices = [
    ...CALLS_PER_MONTH.map((calls) => ({ value: String(calls), label: format.number(calls) })),
    { value: OTHER, label: t("callsPerMonthOther") },
  ];
  return (
    <>
      <NativeSelect
        label={t("callsPerMonth")}
        description={t("callsPerMonthHelp")}
        value={choice}
        onChange={(event) => setChoice(event.currentTarget.value)}
        data={choices}
      />
      {choice === OTHER ? (
        <TextInput
          label={t("callsPerMonthTyped")}
          name="callsPerMonth"
          defaultValue={isKnown ? "" : String(value)}
          inputMode="numeric"
          error={error}
        />
      ) : (
        <input type="hidden" name="callsPerMonth" value={choice} />
      )}
    </>
  );
}
