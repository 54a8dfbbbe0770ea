-- How many sessions began in each month, by their context, in each scope; as in the table sessions.
SELECT scopes.scope, date_trunc('month', local_date)::DATE AS month, context,
    count(*)::INTEGER AS sessions
FROM sessions JOIN scopes ON mine OR scopes.scope = 'all' GROUP BY ALL
