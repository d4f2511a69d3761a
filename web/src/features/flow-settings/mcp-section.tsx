// The flow as an MCP server: on or off, what its tool is called and for, its address and token, how clients connect. Saved at once, apart from the page's own button.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Eye, EyeOff, RefreshCw } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { disableFlowMcp, enableFlowMcp, type FlowMcp, flowMcpAddress, flowMcpQuery, renewFlowMcpToken, saveFlowMcp } from "~/api/flow-mcp";
import { may, useSession } from "~/api/session";
import { Button } from "~/ui/button";
import { CodeBlock } from "~/ui/code-block";
import { CopyButton } from "~/ui/copy-button";
import { ConfirmDialog } from "~/ui/dialog";
import { SwitchField, TextAreaField } from "~/ui/form";
import { Field } from "~/ui/input";
import { ErrorNotice, ErrorState, Skeleton } from "~/ui/states";
import { TabPanel, Tabs } from "~/ui/tabs";
import { toast } from "~/ui/toast";
import { CLIENT_NAMES, CLIENTS, clientSnippet, type McpClient, serverName } from "./mcp-clients";
import type { SectionProps } from "./section-body";

const NAME = /^[A-Za-z0-9_-]{0,64}$/;
const HIDDEN = "••••••••••••";

export function McpSection({ flow }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const client = useQueryClient();
  const user = useSession((state) => state.user);
  const mayConfigure = may(user, "chatflows:config") || may(user, "agentflows:config");
  const query = useQuery({ ...flowMcpQuery(flow.id), enabled: mayConfigure });
  const settle = () => Promise.all([client.invalidateQueries({ queryKey: ["flow-mcp", flow.id] }), client.invalidateQueries({ queryKey: ["flow-record", flow.id] })]);
  const change = useMutation({
    mutationFn: (on: boolean): Promise<unknown> => (on ? enableFlowMcp(flow.id) : disableFlowMcp(flow.id)),
    onSuccess: async (_, on) => {
      await settle();
      toast.success(t(on ? "mcp.isOn" : "mcp.isOff"));
    },
  });
  if (!mayConfigure) return null;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-40" />;
  const on = change.isPending ? change.variables : query.data.enabled;
  return (
    <>
      <ErrorNotice error={change.error} />
      <SwitchField label={t("mcp.on")} hint={t("mcp.onHint")} checked={on} disabled={change.isPending} onChange={(next) => change.mutate(next)} />
      {query.data.enabled && <Server flowId={flow.id} flowName={flow.name} server={query.data} settle={settle} />}
    </>
  );
}

function Server({ flowId, flowName, server, settle }: { flowId: string; flowName: string; server: FlowMcp; settle: () => Promise<unknown> }) {
  const { t } = useTranslation("flowSettings");
  const [toolName, setToolName] = useState(server.toolName);
  const [description, setDescription] = useState(server.description);
  const [shown, setShown] = useState(false);
  const [asking, setAsking] = useState(false);
  const fits = NAME.test(toolName);
  const dirty = toolName !== server.toolName || description !== server.description;
  const save = useMutation({
    mutationFn: () => saveFlowMcp(flowId, { toolName, description }),
    onSuccess: async () => {
      await settle();
      toast.success(t("saved"));
    },
  });
  const renew = useMutation({
    mutationFn: () => renewFlowMcpToken(flowId),
    onSuccess: async () => {
      await settle();
      toast.success(t("mcp.renewed"));
    },
    onSettled: () => setAsking(false),
  });
  const address = flowMcpAddress(flowId);
  const target = { name: serverName(server.toolName || flowName), address, token: shown ? server.token : HIDDEN };
  return (
    <>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits && dirty) save.mutate();
        }}
      >
        <ErrorNotice error={save.error ?? renew.error} />
        <Field label={t("mcp.name")} hint={t("mcp.nameHint")} placeholder={serverName(flowName).replaceAll("-", "_")} value={toolName} onChange={(event) => setToolName(event.target.value)} error={fits ? undefined : t("mcp.nameWrong")} autoComplete="off" spellCheck={false} />
        <TextAreaField label={t("mcp.description")} hint={t("mcp.descriptionHint")} value={description} onChange={setDescription} rows={3} />
        <Button type="submit" className="self-start" busy={save.isPending} disabled={!dirty || !fits}>
          {t("mcp.save")}
        </Button>
      </form>
      <Row label={t("mcp.address")} text={address}>
        <CopyButton text={address} label={t("mcp.copyAddress")} size="icon-sm" />
      </Row>
      <Row label={t("mcp.token")} text={shown ? server.token : HIDDEN} hint={t("mcp.tokenHint")}>
        <Button variant="ghost" size="icon-sm" aria-pressed={shown} aria-label={t("mcp.show")} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
        <CopyButton text={server.token} label={t("mcp.copyToken")} size="icon-sm" />
        <Button variant="ghost" size="icon-sm" aria-label={t("mcp.renew")} title={t("mcp.renew")} onClick={() => setAsking(true)}>
          <RefreshCw aria-hidden />
        </Button>
      </Row>
      <Connect target={target} whole={{ ...target, token: server.token }} />
      <ConfirmDialog open={asking} onOpenChange={setAsking} title={t("mcp.renewTitle")} description={t("mcp.renewBody")} confirm={t("mcp.renew")} busy={renew.isPending} onConfirm={() => renew.mutate()} />
    </>
  );
}

function Row({ label, text, hint, children }: { label: string; text: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-1.5">
      <span id={id} className="text-sm font-medium text-ink">
        {label}
      </span>
      <span className="flex min-w-0 items-center gap-1 rounded-md border border-line bg-sunken ps-3 pe-1">
        <code className="min-w-0 flex-1 truncate py-2 font-mono text-xs" title={text}>
          {text}
        </code>
        {children}
      </span>
      {hint && <p className="text-sm text-muted">{hint}</p>}
    </div>
  );
}

function Connect({ target, whole }: { target: Parameters<typeof clientSnippet>[1]; whole: Parameters<typeof clientSnippet>[1] }) {
  const { t } = useTranslation("flowSettings");
  const [client, setClient] = useState<McpClient>("claudeCode");
  return (
    <section aria-labelledby="mcp-connect">
      <h3 id="mcp-connect" className="mb-2 text-base font-semibold">
        {t("mcp.connect")}
      </h3>
      <Tabs label={t("mcp.clients")} tabs={CLIENTS.map((value) => ({ value, label: CLIENT_NAMES[value] }))} value={client} onChange={(next) => setClient(CLIENTS.find((one) => one === next) ?? "claudeCode")}>
        {CLIENTS.map((value) => (
          <TabPanel key={value} value={value} className="flex flex-col gap-2 pt-3">
            <p className="text-sm text-muted">{t(`mcp.client.${value}.how`)}</p>
            <CodeBlock text={clientSnippet(value, target)} copy={clientSnippet(value, whole)} label={t("mcp.snippet")} copyLabel={t("mcp.copySnippet")} className="max-h-96" />
          </TabPanel>
        ))}
      </Tabs>
    </section>
  );
}
