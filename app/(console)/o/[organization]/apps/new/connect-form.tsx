"use client";

import { Button, Group } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { FormAlert, SubmitButton } from "@/app/_components/forms/form-parts";
import type { AppKind } from "@/lib/dingtalk-apps/form-values";
import classes from "./connect.module.css";
import { ConnectFields } from "./connect-fields";
import { KindChoice } from "./kind-choice";
import { TestResult } from "./test-result";
import { Traps } from "./traps";
import { useConnect } from "./use-connect";
import { type Place, WhereInConsole } from "./where-in-console";

type Props = { readonly organization: string; readonly egress: readonly string[] };

const HINT_ID = "connect-hint";

/** The guided form: what to enter, where it stands in DingTalk's console, a test, and only then saving. */
export function ConnectForm({ organization, egress }: Props) {
  const [place, setPlace] = useState<Place>("credentials");
  const [kind, setKind] = useState<AppKind>("internal");
  const connect = useConnect(organization);
  const { formRef, result, isTesting, isFresh } = connect;
  const choose = (chosen: AppKind) => {
    setKind(chosen);
    setPlace(chosen === "isv" ? "suite" : "credentials");
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
        <ConnectFields kind={kind} errorOf={connect.errorOf} onPlace={setPlace} />
        <Traps kind={kind} egress={egress} />
        <Buttons connect={connect} />
        {(result || isTesting) && (
          <TestResult test={isTesting ? null : result} isStale={!isTesting && !isFresh} />
        )}
        <DraftButton connect={connect} />
      </form>
      <WhereInConsole place={place} />
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

/** For reasons outside the form, which somebody else may have to mend first. */
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
