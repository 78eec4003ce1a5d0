import type { Texts } from './types.ts'

export const texts: Texts = {
  name: 'Português (Brasil)',
  templates: {
    success: {
      title: '{backup_name} em {server_alias}: backup feito',
      message: `Concluído em {duration}, {uploaded_size} enviados.
{file_count} arquivos, {file_size}. No destino: {available_versions} versões, {storage_size}.
Início: {backup_date}.`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{backup_name} em {server_alias}: {status}',
      message: `Erros: {errors_count}, avisos: {warnings_count}. Último backup bom: {last_success_date} ({last_success_elapsed}).
Início: {backup_date}, duração: {duration}. Falhas seguidas: {failures_in_a_row}.

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{backup_name} em {server_alias}: {problem}',
      message: `Esperado em {expected_date} ({expected_elapsed}), e nada chegou.
Última execução: {last_backup_date} ({last_elapsed}). Último backup bom: {last_success_date} ({last_success_elapsed}).
Intervalo {backup_interval}, tolerância {overdue_tolerance}.`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{backup_name} em {server_alias}: tudo certo de novo',
      message: `Antes, por {problem_duration}: {problem}. Execuções perdidas: {missed_runs}, falhas seguidas: {failures_in_a_row}.
Último backup bom: {last_success_date}.`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: 'Backups, {period}: {problems_count} com problemas',
      message: `De {period_start} a {period_end}: {jobs_count} tarefas em {servers_count} servidores, {problems_count} com problemas, {overdue_count} em atraso.

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: {
    Success: 'Sucesso',
    Warning: 'Aviso',
    Error: 'Erro',
    Fatal: 'Erro fatal',
    Unknown: 'Resultado desconhecido',
  },
  problems: {
    overdue: 'em atraso',
    tooOld: 'tempo demais sem um backup bom',
    failedEarly: 'falha antes de começar',
    failed: 'falhando',
    unreachable: 'inacessível',
  },
  periods: { day: 'dia', week: 'semana', month: 'mês' },
  never: 'nunca',
  unknown: 'desconhecido',
  omitted: '… e mais {count}',
  tooOld: `O último backup bom passou da idade permitida em {expected_date} ({expected_elapsed}).
Última execução: {last_backup_date} ({last_elapsed}). Último backup bom: {last_success_date} ({last_success_elapsed}).
Falhas seguidas: {failures_in_a_row}.`,
  unreachable: {
    title: '{server} está inacessível',
    message: `Sem resposta desde {since}: não se sabe como estão as suas {jobs} tarefas.
{reason}`,
  },
  reachable: { title: '{server} voltou a responder', message: 'Ficou inacessível por {duration}.' },
  storm: { title: '{count} backups precisam de atenção', message: 'Encontrados em uma só verificação:\n{list}' },
  calm: { title: '{count} backups voltaram ao normal', message: 'Já passou:\n{list}' },
  more: '… e mais {count}',
  test: { title: 'duplistatus: um teste', message: 'As mensagens do duplistatus chegam aqui.' },
}
