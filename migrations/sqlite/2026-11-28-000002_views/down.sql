DROP TABLE bailiwick_lists;
DROP TABLE bailiwick_views;
