"use client";

import { Button, Group } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useState } from "react";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { ConnectionTestResult } from "@/app/_components/status/connection-test-result";
import { IDLE } from "@/lib/action-state";
import { checkBy, textIn } from "@/lib/actions/field-errors";
import type { ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { type AppKind, CREDENTIAL_FIELDS, withoutPasted } from "@/lib/dingtalk-apps/setting-choices";
import { connectAppAction, testConnectionAction } from "./actions";
import classes from "./connect.module.css";
import { ConnectFields } from "./connect-fields";
import { ConnectPitfalls } from "./connect-pitfalls";
import { type ConsoleLocation, ConsoleSteps } from "./dingtalk-console-steps";
import { KindChoice } from "./kind-choice";

type Props = { readonly organization: string; readonly egress: readonly string[] };

const HINT_ID = "connect-hint";

/** The guided form to connect an app: credentials, where to find them, a test, and only then saving. */
export function ConnectForm({ organization, egress }: Props) {
  const [location, setLocation] = useState<ConsoleLocation>("credentials");
  const [kind, setKind] = useState<AppKind>("internal");
  const connect = useConnect(organization);
  const { formRef, result, isTesting, isFresh } = connect;
  const choose = (chosen: AppKind) => {
    setKind(chosen);
    setLocation(chosen === "isv" ? "suite" : "credentials");
  };
  return (
    <div className={classes.columns}>
      <form
        ref={formRef}
        onSubmit={connect.onSubmit}
        onInput={connect.onInput}
        className={classes.form}
        noValidate
      >
        <FormAlert sentence={connect.alert} onRetry={connect.retry} />
        <KindChoice kind={kind} onChoose={choose} />
        <ConnectFields kind={kind} errorOf={connect.errorOf} onLocation={setLocation} />
        <ConnectPitfalls kind={kind} egress={egress} />
        <Buttons connect={connect} />
        {(result || isTesting) && (
          <ConnectionTestResult test={isTesting ? null : result} isStale={!isTesting && !isFresh} />
        )}
        <DraftButton connect={connect} />
      </form>
      <ConsoleSteps location={location} />
    </div>
  );
}

type Connecting = { readonly connect: ReturnType<typeof useConnect> };

function Buttons({ connect }: Connecting) {
  const t = useTranslations("app");
  const { isPassed, isFresh, isTesting, result } = connect;
  return (
    <div className={classes.buttons}>
      <Group gap="sm">
        <SubmitButton
          data-intent="test"
          variant={isPassed ? "default" : "filled"}
          isPending={isTesting}
          label={t("test")}
          pendingLabel={t("testing")}
        />
        <SubmitButton
          data-intent="save"
          variant={isPassed ? "filled" : "default"}
          isPending={connect.isSaving}
          isBlocked={!isPassed}
          aria-describedby={isPassed ? undefined : HINT_ID}
          label={t("saveAndSync")}
          pendingLabel={t("saving")}
        />
      </Group>
      {!isPassed && (
        <p id={HINT_ID} className={classes.hint}>
          {!result ? t("testFirst") : isFresh ? t("notPassed") : t("testStale")}
        </p>
      )}
    </div>
  );
}

/** Saves a draft when the test failed for a reason outside the form. */
function DraftButton({ connect }: Connecting) {
  const t = useTranslations("app");
  if (!connect.isFresh || connect.isTesting || !connect.result?.mayBeDraft) return null;
  return (
    <div className={classes.draft}>
      <Button
        type="submit"
        name="isDraft"
        value="1"
        data-intent="save"
        variant="transparent"
        px={0}
        c="var(--dk-link)"
      >
        {t("saveDraft")}
      </Button>
      <p className={classes.hint}>{t("saveDraftHelp")}</p>
    </div>
  );
}

const check = checkBy(async () => (await import("@/lib/dingtalk-apps/schema")).connectAppInput);

/** Returns the credential fields of the form's app kind. */
const fieldsOf = (form: FormData): readonly string[] => CREDENTIAL_FIELDS[textIn(form, "kind") as AppKind];

/** Returns the tested values as text, to detect changes after a test. */
const credentialsOf = (form: FormData): string => {
  const valueOf = (field: string) => {
    const value = textIn(form, field);
    return field.endsWith("Secret") ? value.trim() : withoutPasted(value);
  };
  return JSON.stringify([textIn(form, "kind"), ...fieldsOf(form).map(valueOf)]);
};

type Tested = { readonly credentials: string; readonly test: ConnectionTest };

/** The form's two actions: test first, then save exactly what was tested. */
export function useConnect(organization: string) {
  const [credentials, setCredentials] = useState("");
  const [tested, setTested] = useState<Tested | null>(null);
  const save = useActionForm(connectAppAction.bind(null, organization), undefined, { check });
  const { formRef } = save;
  const test = useActionForm(
    async (_, form: FormData) => {
      const answer = await testConnectionAction(organization, IDLE, form);
      if (answer.status === "done") setTested({ credentials: credentialsOf(form), test: answer.data });
      return answer;
    },
    undefined,
    { formRef, ignoresUnsaved: true },
  );
  const isFresh = tested !== null && tested.credentials === credentials;
  const isPassed = isFresh && tested.test.isPassed;
  useEffect(() => {
    // After a passed test, only fields that the test doesn't need can be invalid.
    if (tested?.test.isPassed) formRef.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tested, formRef]);

  const runTest = async () => {
    if (!formRef.current || test.isPending || save.isPending) return;
    const form = new FormData(formRef.current);
    setCredentials(credentialsOf(form));
    const wrong = await save.showErrors(form);
    // A missing name is shown but doesn't prevent a test.
    if (fieldsOf(form).some((field) => wrong.includes(field))) save.focusFirstError();
    else test.submit(form);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    const { submitter } = event.nativeEvent as SubmitEvent;
    if (submitter?.dataset.intent === "save") return save.onSubmit(event);
    event.preventDefault();
    void runTest();
  };
  return {
    formRef,
    onSubmit,
    onInput: (event: FormEvent<HTMLFormElement>) =>
      setCredentials(credentialsOf(new FormData(event.currentTarget))),
    errorOf: (field: string) => save.errorOf(field) ?? test.errorOf(field),
    alert: save.alert ?? test.alert,
    retry: save.retry ?? (test.retry && (() => void runTest())),
    isSaving: save.isPending,
    isTesting: test.isPending,
    /** The last result, possibly outdated. */
    result: tested?.test ?? null,
    isFresh,
    isPassed,
  };
}
