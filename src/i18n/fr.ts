import type { Texts } from './types.ts'

export const texts: Texts = {
  name: 'Français',
  templates: {
    success: {
      title: '{backup_name} sur {server_alias} : sauvegardé',
      message: `Terminé en {duration}, {uploaded_size} envoyés.
{file_count} fichiers, {file_size}. À destination : {available_versions} versions, {storage_size}.
Début : {backup_date}.`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{backup_name} sur {server_alias} : {status}',
      message: `Erreurs : {errors_count}, avertissements : {warnings_count}. Dernière bonne sauvegarde : {last_success_date} ({last_success_elapsed}).
Début : {backup_date}, durée : {duration}. Échecs de suite : {failures_in_a_row}.

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{backup_name} sur {server_alias} : {problem}',
      message: `Attendue le {expected_date} ({expected_elapsed}), rien n’est arrivé.
Dernière exécution : {last_backup_date} ({last_elapsed}). Dernière bonne sauvegarde : {last_success_date} ({last_success_elapsed}).
Intervalle {backup_interval}, tolérance {overdue_tolerance}.`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{backup_name} sur {server_alias} : rétabli',
      message: `Avant, pendant {problem_duration} : {problem}. Exécutions manquées : {missed_runs}, échecs de suite : {failures_in_a_row}.
Dernière bonne sauvegarde : {last_success_date}.`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: 'Sauvegardes, {period} : {problems_count} à problème',
      message: `Du {period_start} au {period_end} : {jobs_count} tâches sur {servers_count} serveurs, {problems_count} à problème, {overdue_count} en retard.

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: {
    Success: 'Succès',
    Warning: 'Avertissement',
    Error: 'Erreur',
    Fatal: 'Erreur fatale',
    Unknown: 'Résultat inconnu',
  },
  problems: {
    overdue: 'en retard',
    tooOld: 'trop longtemps sans bonne sauvegarde',
    failedEarly: 'échec avant le début',
    failed: 'en échec',
    unreachable: 'injoignable',
  },
  periods: { day: 'jour', week: 'semaine', month: 'mois' },
  never: 'jamais',
  unknown: 'inconnu',
  omitted: '… et {count} de plus',
  tooOld: `La dernière bonne sauvegarde dépasse l’âge permis depuis le {expected_date} ({expected_elapsed}).
Dernière exécution : {last_backup_date} ({last_elapsed}). Dernière bonne sauvegarde : {last_success_date} ({last_success_elapsed}).
Échecs de suite : {failures_in_a_row}.`,
  unreachable: {
    title: '{server} est injoignable',
    message: `Aucune réponse depuis {since} : l’état de ses {jobs} tâches est inconnu.
{reason}`,
  },
  reachable: { title: '{server} répond de nouveau', message: 'Il est resté injoignable pendant {duration}.' },
  storm: {
    title: '{count} sauvegardes demandent votre attention',
    message: 'Trouvé en une seule vérification :\n{list}',
  },
  calm: { title: '{count} sauvegardes vont de nouveau bien', message: 'C’est terminé :\n{list}' },
  more: '… et {count} autres',
  test: { title: 'duplistatus : un essai', message: 'Les messages de duplistatus arrivent ici.' },
}
