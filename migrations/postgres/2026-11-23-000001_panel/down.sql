DROP TABLE bailiwick_audit;
DROP TABLE bailiwick_secrets;
DROP TABLE bailiwick_sign_ins;
DROP TABLE bailiwick_sessions;
DROP TABLE bailiwick_people;
