import type { Texts } from './types.ts'

export const texts: Texts = {
  name: 'Español',
  templates: {
    success: {
      title: '{backup_name} en {server_alias}: copia hecha',
      message: `Terminada en {duration}, {uploaded_size} subidos.
{file_count} archivos, {file_size}. En el destino: {available_versions} versiones, {storage_size}.
Inicio: {backup_date}.`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{backup_name} en {server_alias}: {status}',
      message: `Errores: {errors_count}, advertencias: {warnings_count}. Última copia buena: {last_success_date} ({last_success_elapsed}).
Inicio: {backup_date}, duración: {duration}. Fallos seguidos: {failures_in_a_row}.

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{backup_name} en {server_alias}: {problem}',
      message: `Se esperaba el {expected_date} ({expected_elapsed}) y no llegó nada.
Última ejecución: {last_backup_date} ({last_elapsed}). Última copia buena: {last_success_date} ({last_success_elapsed}).
Intervalo {backup_interval}, tolerancia {overdue_tolerance}.`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{backup_name} en {server_alias}: de nuevo en orden',
      message: `Antes, durante {problem_duration}: {problem}. Ejecuciones perdidas: {missed_runs}, fallos seguidos: {failures_in_a_row}.
Última copia buena: {last_success_date}.`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: 'Copias, {period}: {problems_count} con problemas',
      message: `Del {period_start} al {period_end}: {jobs_count} tareas en {servers_count} servidores, {problems_count} con problemas, {overdue_count} atrasadas.

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: {
    Success: 'Éxito',
    Warning: 'Advertencia',
    Error: 'Error',
    Fatal: 'Error fatal',
    Unknown: 'Resultado desconocido',
  },
  problems: {
    overdue: 'atrasada',
    tooOld: 'demasiado tiempo sin una copia buena',
    failedEarly: 'falla antes de empezar',
    failed: 'falla',
    unreachable: 'inaccesible',
  },
  periods: { day: 'día', week: 'semana', month: 'mes' },
  never: 'nunca',
  unknown: 'desconocido',
  omitted: '… y {count} más',
  tooOld: `La última copia buena supera la edad permitida desde el {expected_date} ({expected_elapsed}).
Última ejecución: {last_backup_date} ({last_elapsed}). Última copia buena: {last_success_date} ({last_success_elapsed}).
Fallos seguidos: {failures_in_a_row}.`,
  unreachable: {
    title: 'No se puede acceder a {server}',
    message: `Sin respuesta desde {since}: no se sabe cómo están sus {jobs} tareas.
{reason}`,
  },
  reachable: { title: '{server} vuelve a responder', message: 'Estuvo inaccesible durante {duration}.' },
  storm: { title: '{count} copias necesitan atención', message: 'Encontradas en una sola comprobación:\n{list}' },
  calm: { title: '{count} copias vuelven a estar bien', message: 'Ya pasó:\n{list}' },
  more: '… y {count} más',
  test: { title: 'duplistatus: una prueba', message: 'Los mensajes de duplistatus llegan aquí.' },
}
