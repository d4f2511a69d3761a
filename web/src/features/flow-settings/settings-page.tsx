// `/flow/:id/settings`: everything about a flow but its graph, with one button to save it all.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { flowQuery, saveFlowSettings } from "~/api/flow-record";
import { may, useSession } from "~/api/session";
import type { Flow } from "~/api/types/Flow";
import { cx } from "~/lib/cx";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { SelectField } from "~/ui/form";
import { ErrorNotice, ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import { changesOf, problemsOf, readDraft, sectionsOn, servesMcp, unreadableParts } from "./model";
import { SECTION_NAMES, type SectionName } from "./names";
import { SectionBody } from "./section-body";
import { GROUPS } from "./sections";

export function FlowSettingsPage() {
  const { t } = useTranslation("flowSettings");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id/settings" });
  const query = useQuery(flowQuery(id));
  useTitle(query.data ? `${t("title")} · ${query.data.name}` : t("title"));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) {
    return (
      <div className="mx-auto w-full max-w-7xl px-4 py-6 sm:px-8">
        <Skeleton className="h-96" />
      </div>
    );
  }
  return <Settings key={id} flow={query.data} />;
}

function Settings({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flowSettings");
  const { t: common } = useTranslation();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const user = useSession((state) => state.user);
  const search = useSearch({ from: "/signed-in/shell/flow/$id/settings" });
  const section = search.section ?? "access";
  const [before, setBefore] = useState(() => readDraft(flow));
  const [draft, setDraft] = useState(before);
  const [checked, setChecked] = useState(false);
  const changes = changesOf(before, draft);
  const dirty = Object.keys(changes).length > 0;
  const problems = problemsOf(draft);
  const wrong = SECTION_NAMES.filter((name) => problems[name]);
  const on = sectionsOn(draft);
  if (servesMcp(flow)) on.add("mcp");
  const mayConfigure = may(user, "chatflows:config") || may(user, "agentflows:config");

  const save = useMutation({
    mutationFn: () => saveFlowSettings(flow.id, changes),
    onSuccess: (saved) => {
      setBefore(draft);
      setChecked(false);
      queryClient.setQueryData(["flow-record", flow.id], saved);
      toast.success(t("saved"));
      // The canvas, the lists and the keys' usage read the same record.
      void queryClient.invalidateQueries({ queryKey: ["chatflow", flow.id] });
      void queryClient.invalidateQueries({ queryKey: ["chatflows"] });
      void queryClient.invalidateQueries({ queryKey: ["api-keys"] });
    },
  });
  const goTo = (name: SectionName) => void navigate({ to: ".", search: { section: name }, replace: true });
  const submit = () => {
    setChecked(true);
    const first = wrong[0];
    if (first) goTo(first);
    else save.mutate();
  };
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-1 flex-col px-4 sm:px-8">
      <h1 className="sr-only">{t("title")}</h1>
      <div className="grid flex-1 content-start items-start gap-5 py-6 lg:grid-cols-[15rem_minmax(0,1fr)] lg:gap-8">
        <SectionMenu section={section} on={on} wrong={checked ? wrong : []} />
        <SelectField
          className="lg:hidden"
          label={t("section")}
          value={section}
          onChange={(name) => goTo(name as SectionName)}
          choices={SECTION_NAMES.map((name) => ({ value: name, label: `${t(`sections.${name}.title`)}${on.has(name) ? ` · ${t("on")}` : ""}` }))}
        />
        <div className="flex min-w-0 flex-col gap-4">
          {!mayConfigure && <Notice tone="info">{t("mayNot")}</Notice>}
          {unreadableParts(flow).length > 0 && <Notice tone="warning">{t("unreadable", { parts: unreadableParts(flow).join(", ") })}</Notice>}
          <ErrorNotice error={save.error} />
          <Card className="flex flex-col gap-5 p-5 sm:p-6">
            <div>
              <h2 className="text-lg font-semibold">{t(`sections.${section}.title`)}</h2>
              <p className="mt-1 text-base text-muted">{t(`sections.${section}.lead`)}</p>
            </div>
            {checked && problems[section] && <Notice tone="danger">{t(`problem.${problems[section]}`)}</Notice>}
            <SectionBody section={section} flow={flow} draft={draft} onChange={setDraft} />
          </Card>
        </div>
      </div>
      <div className={cx("sticky bottom-0 -mx-4 border-t border-line bg-surface px-4 py-3 sm:-mx-8 sm:px-8", !dirty && "invisible")}>
        <div className="flex items-center justify-end gap-2">
          <p role="status" className="me-auto text-sm text-muted">
            {dirty && t("unsaved")}
          </p>
          <Button
            disabled={!dirty}
            onClick={() => {
              setDraft(before);
              setChecked(false);
            }}
          >
            {t("discard")}
          </Button>
          <Button variant="primary" busy={save.isPending} disabled={!dirty || !mayConfigure} onClick={submit}>
            {common("save")}
          </Button>
        </div>
      </div>
      <UnsavedGuard when={dirty} />
    </div>
  );
}

function SectionMenu({ section, on, wrong }: { section: SectionName; on: ReadonlySet<SectionName>; wrong: readonly SectionName[] }) {
  const { t } = useTranslation("flowSettings");
  return (
    <nav aria-label={t("sectionsLabel")} className="sticky top-6 hidden flex-col gap-4 lg:flex">
      {GROUPS.map(({ group, sections }) => (
        <div key={group}>
          <p className="px-2.5 pb-1 text-xs font-medium text-faint">{t(`groups.${group}`)}</p>
          <ul>
            {sections.map(({ name, icon: Icon }) => (
              <li key={name}>
                <Link
                  to="."
                  search={{ section: name }}
                  replace
                  aria-current={name === section ? "page" : undefined}
                  className={cx(
                    "flex min-h-9 items-center gap-2.5 rounded-md px-2.5 py-1 text-sm font-medium transition-colors duration-120",
                    name === section ? "bg-primary-soft text-primary-ink" : "text-muted hover:bg-hover hover:text-ink",
                  )}
                >
                  <Icon aria-hidden className="size-4 shrink-0" />
                  <span className="min-w-0 flex-1">{t(`sections.${name}.title`)}</span>
                  {wrong.includes(name) && <span className="text-xs font-medium text-danger">{t("wrong")}</span>}
                  {!wrong.includes(name) && on.has(name) && <span className="rounded-full bg-success-soft px-1.5 text-xs font-medium text-success">{t("on")}</span>}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
