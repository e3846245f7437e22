# Read the registry from R: list, page, filter, download, verify, and pool. Needs jsonlite and openssl.
#
# Debian: apt install r-base-core r-cran-jsonlite r-cran-openssl
# Rscript client.R https://registry.example [FOLDER]

library(jsonlite)

arguments <- commandArgs(trailingOnly = TRUE)
base <- sub("/$", "", arguments[1])
folder <- if (length(arguments) > 1) arguments[2] else "."

# All rows of a list, page after page.
pages <- function(path) {
  found <- list()
  token <- NULL
  repeat {
    more <- if (is.null(token)) "" else paste0("&page_token=", URLencode(token, reserved = TRUE))
    page <- fromJSON(paste0(base, "/api/v1/", path, more))
    if (length(page$results) > 0) found[[length(found) + 1]] <- page$results
    token <- page$next_page_token
    if (is.null(token)) break
  }
  do.call(rbind, found)
}

# List and page: three rows at a time, to show how; a page may hold 1,000.
trials <- pages("trials/?page_size=3&fields=number,title,results_state")
cat("trials:", nrow(trials), "\n")

# Filter: the primary estimates, as one table and as one file.
primary <- pages("estimates/?outcome_role=primary&page_size=1000")
whole <- read.csv(paste0(base, "/api/v1/estimates.csv?outcome_role=primary"))
stopifnot(identical(sort(primary$estimate_id), sort(whole$estimate_id)))
cat("primary estimates:", nrow(primary), "\n")

# Download the package of a release, and verify its hash before anything is believed.
trial <- primary$trial_id[1]
release <- fromJSON(paste0(base, "/api/v1/trials/", trial, "/releases/"))$results$id[1]
known <- fromJSON(paste0(base, "/api/v1/releases/", release, "/"))
file <- known$package[known$package$name == "package.zip", ]
target <- file.path(folder, "package.zip")
download.file(paste0(base, file$url), target, mode = "wb", quiet = TRUE)
hash <- paste(as.character(openssl::sha256(base::file(target))), collapse = "")
stopifnot(hash == file$sha256)
cat("package of ", trial, ": ", hash, "\n", sep = "")

# Pool what is on one scale: the inverse-variance mean with its standard error.
ratios <- subset(whole, effect_scale == "irr" & !is.na(yi))
weight <- 1 / ratios$vi
cat(sprintf("pooled: k=%d %.10g %.10g\n", nrow(ratios), sum(weight * ratios$yi) / sum(weight), sum(weight)^-0.5))
