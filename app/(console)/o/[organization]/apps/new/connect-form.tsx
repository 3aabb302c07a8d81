"use client";

import { Button, Group, PasswordInput, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { IDLE } from "@/lib/action-state";
import type { ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { FormAlert, SubmitButton } from "../../../../../_components/form-parts";
import { Notice } from "../../../../../_components/notice";
import { useActionForm } from "../../../../../_components/use-action-form";
import { connectAppAction, testConnectionAction } from "./actions";
import classes from "./connect.module.css";
import { TestResult } from "./test-result";
import { type Place, WhereInConsole } from "./where-in-console";

type Props = { readonly organization: string; readonly egress: readonly string[] };

/** What a result is true of: exactly these values. */
const pairOf = (form: FormData) => JSON.stringify([form.get("appKey"), form.get("appSecret")]);

type Tested = { readonly pair: string; readonly test: ConnectionTest };

function useConnectionTest(organization: string) {
  const [tested, setTested] = useState<Tested | null>(null);
  const form = useActionForm(async (_, data: FormData) => {
    const answer = await testConnectionAction(organization, IDLE, data);
    if (answer.status === "done") setTested({ pair: pairOf(data), test: answer.data });
    return answer;
  });
  return { ...form, tested };
}

/** The guided form: test first, then save exactly what was tested. */
export function ConnectForm({ organization, egress }: Props) {
  const t = useTranslations("app");
  const [focused, setFocused] = useState<Place>("name");
  const [pair, setPair] = useState("");
  const [secretNote, setSecretNote] = useState<"secretIsKey" | "secretSpaces" | null>(null);
  const test = useConnectionTest(organization);
  const save = useActionForm(connectAppAction.bind(null, organization));
  const isFresh = test.tested !== null && test.tested.pair === pair;
  const passed = isFresh && test.tested?.test.isPassed;
  const errorOf = (field: string) => save.errorOf(field) ?? test.errorOf(field);

  const onChange = (event: React.FormEvent<HTMLFormElement>) => {
    const data = new FormData(event.currentTarget);
    setPair(pairOf(data));
    const [key = "", secret = ""] = data
      .getAll("appKey")
      .concat(data.getAll("appSecret"))
      .map((value) => (typeof value === "string" ? value.trim() : ""));
    setSecretNote(
      secret !== "" && secret === key ? "secretIsKey" : /\s/.test(secret) ? "secretSpaces" : null,
    );
  };
  return (
    <div className={classes.columns}>
      <form
        ref={save.formRef}
        onSubmit={save.onSubmit}
        onInput={onChange}
        className={classes.form}
        noValidate
      >
        <FormAlert sentence={save.alert ?? test.alert} />
        <TextInput
          label={t("name")}
          description={t("nameHelp")}
          name="name"
          maxLength={128}
          required
          withAsterisk={false}
          onFocus={() => setFocused("name")}
          error={errorOf("name")}
        />
        <TextInput
          label={t("appKey")}
          name="appKey"
          autoComplete="off"
          spellCheck={false}
          required
          withAsterisk={false}
          onFocus={() => setFocused("credentials")}
          error={errorOf("appKey")}
        />
        <PasswordInput
          label={t("appSecret")}
          description={secretNote ? t(secretNote) : t("secretHelp")}
          name="appSecret"
          autoComplete="off"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ "aria-hidden": true, tabIndex: -1, style: { display: "none" } }}
          onFocus={() => setFocused("credentials")}
          error={errorOf("appSecret")}
        />
        <TextInput
          label={t("corpId")}
          name="corpId"
          autoComplete="off"
          spellCheck={false}
          onFocus={() => setFocused("corp")}
          error={errorOf("corpId")}
        />
        <TextInput
          label={t("agentId")}
          description={t("agentHelp")}
          name="agentId"
          autoComplete="off"
          inputMode="numeric"
          onFocus={() => setFocused("agent")}
          error={errorOf("agentId")}
        />
        <Notice tone="caution">{t("release")}</Notice>
        <Group>
          <TestButton test={test} formRef={save.formRef} isPrimary={!passed} />
          <SaveButton isPassed={passed === true} isPending={save.isPending} />
        </Group>
        {!passed && (
          <p className={classes.hint}>
            {!test.tested ? t("testFirst") : isFresh ? t("notPassed") : t("testStale")}
          </p>
        )}
        {test.tested && <TestResult test={test.tested.test} isStale={!isFresh} />}
        {isFresh && test.tested?.test.mayBeDraft && (
          <Button type="submit" name="isDraft" value="1" variant="subtle" className={classes.draft}>
            {t("saveDraft")}
          </Button>
        )}
      </form>
      <WhereInConsole place={focused} egress={egress} />
    </div>
  );
}

type TestButtonProps = {
  readonly test: ReturnType<typeof useConnectionTest>;
  readonly formRef: React.RefObject<HTMLFormElement | null>;
  readonly isPrimary: boolean;
};

function TestButton({ test, formRef, isPrimary }: TestButtonProps) {
  const t = useTranslations("app");
  const run = () => {
    if (formRef.current && !test.isPending) test.submit(new FormData(formRef.current));
  };
  return (
    <Button
      type="button"
      variant={isPrimary ? "filled" : "default"}
      aria-disabled={test.isPending}
      onClick={run}
    >
      {test.isPending ? t("testing") : t("test")}
    </Button>
  );
}

function SaveButton({ isPassed, isPending }: { readonly isPassed: boolean; readonly isPending: boolean }) {
  const t = useTranslations("app");
  return (
    <SubmitButton
      isPending={isPending}
      label={t("saveAndSync")}
      pendingLabel={t("saving")}
      variant={isPassed ? "filled" : "default"}
      disabled={!isPassed}
    />
  );
}
